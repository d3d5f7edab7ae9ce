"""How long a session lives and when an account is locked. Dated choices, pure functions."""

from datetime import datetime, timedelta

IDLE_LIMIT = timedelta(minutes=10)
ABSOLUTE_LIMIT = timedelta(hours=8)  # a night shift
ATTEMPTS_ALLOWED = 5
LOCK_TIME = timedelta(minutes=15)
PASSWORD_MIN_LENGTH = 12


def has_lapsed(opened_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session ended by idleness or by age."""
    return now - seen_at > IDLE_LIMIT or now - opened_at > ABSOLUTE_LIMIT


def locked_until(failed_attempts: int, now: datetime) -> datetime | None:
    """Until when the account is locked after so many failures in a row, or None."""
    return now + LOCK_TIME if failed_attempts >= ATTEMPTS_ALLOWED else None
