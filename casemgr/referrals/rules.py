"""Where a referral can go, when to ask again, how a letter is dated. Pure functions."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from casemgr.crypto.partial_date import PartialDate


class ReferralState(StrEnum):
    """Where a referral stands (R22)."""

    DRAFT = "draft"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


MOVES: dict[ReferralState, frozenset[ReferralState]] = {
    ReferralState.DRAFT: frozenset({ReferralState.SENT, ReferralState.WITHDRAWN}),
    ReferralState.SENT: frozenset(
        {
            ReferralState.ACKNOWLEDGED,
            ReferralState.ACCEPTED,
            ReferralState.DECLINED,
            ReferralState.WITHDRAWN,
        }
    ),
    ReferralState.ACKNOWLEDGED: frozenset(
        {ReferralState.ACCEPTED, ReferralState.DECLINED, ReferralState.WITHDRAWN}
    ),
    ReferralState.ACCEPTED: frozenset({ReferralState.COMPLETED, ReferralState.WITHDRAWN}),
    ReferralState.DECLINED: frozenset(),
    ReferralState.COMPLETED: frozenset(),
    ReferralState.WITHDRAWN: frozenset(),
}
ANSWERS = (
    ReferralState.ACKNOWLEDGED,
    ReferralState.ACCEPTED,
    ReferralState.DECLINED,
    ReferralState.COMPLETED,
)
AWAITING = frozenset({ReferralState.SENT, ReferralState.ACKNOWLEDGED})  # nobody said yes or no yet


class Signer(StrEnum):
    """Who signs the letter, and in whose name (NĐ 30/2020/NĐ-CP, domain §5.9)."""

    DIRECTOR = "director"
    DEPUTY = "deputy"
    BY_ORDER = "by_order"


class ForbiddenMove(ValueError):
    """A referral was asked to go where its state machine does not lead (I7)."""


def move(current: ReferralState, wanted: ReferralState) -> ReferralState:
    """The new state. Raises ForbiddenMove."""
    if wanted not in MOVES[current]:
        raise ForbiddenMove(f"{current} -> {wanted}")
    return wanted


def answers_from(current: ReferralState) -> tuple[ReferralState, ...]:
    """What the receiver can have answered to a referral that stands here."""
    return tuple(answer for answer in ANSWERS if answer in MOVES[current])


CHASE_AFTER = (timedelta(days=3), timedelta(days=7))  # R22; dated setting of 2026-11


def next_chase(sent_at: datetime, now: datetime) -> datetime | None:
    """When to ask the receiver next: 3 days after sending, then 7, then not again (R22)."""
    return next((sent_at + wait for wait in CHASE_AFTER if sent_at + wait > now), None)


AGE_BANDS = (6, 12, 16, 18, 25, 40, 60)  # lower ends of the bands of the report (domain §6)


def age_band(born_on: PartialDate, today: date) -> tuple[int | None, int | None]:
    """The band [from, below) of the age; a partial date counts as its last possible day."""
    latest = born_on.latest()
    age = today.year - latest.year - ((today.month, today.day) < (latest.month, latest.day))
    lower = max((end for end in AGE_BANDS if end <= age), default=None)
    return lower, min((end for end in AGE_BANDS if end > age), default=None)


def letter_mark(office_mark: str) -> str:
    """The mark of a phiếu chuyển: ``PC-BVĐKCP`` from the office's ``BVĐKCP-CTXH`` (domain §5.9)."""
    return "PC-" + office_mark.partition("-")[0]
