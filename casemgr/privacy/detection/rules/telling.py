"""How a rule tells of what it found."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from casemgr.privacy.detection.rules.window import Access
from casemgr.privacy.reviews.signals import Signal


def tell(
    rule: str,
    score: float,
    found: Sequence[Access],
    *,
    case_id: UUID | None = None,
    account_id: UUID | None = None,
    day: date | None = None,
    **reason: str | int,
) -> Signal:
    """A signal about ``found``, on the day of the last of them, about whoever did it."""
    last = found[-1]
    return Signal(
        rule=rule,
        score=max(0, min(100, round(score))),
        account_id=account_id or last.account_id,
        day=day or last.day,
        case_id=case_id,
        reason=tuple(sorted(reason.items())),
        entries=tuple(access.id for access in found),
    )
