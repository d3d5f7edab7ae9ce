"""Terms of rights requests, with days counted by hand on a calendar (domain §2.6)."""

from datetime import date

import pytest

from casemgr import clock
from casemgr.privacy.rights.rules import (
    ForbiddenMove,
    RequestState,
    Right,
    acknowledging_days,
    due_on,
    extended_to,
    move,
)

THURSDAY = date(2026, 11, 19)


def acknowledge_by(day: date) -> date:
    return clock.after_working_days(day, acknowledging_days(day))


def test_receipt_is_confirmed_within_two_working_days() -> None:
    assert acknowledge_by(THURSDAY) == date(2026, 11, 23), "Friday, Monday"
    assert acknowledge_by(date(2026, 11, 16)) == date(2026, 11, 18)


@pytest.mark.parametrize(
    ("right", "alone", "with_others", "extended"),
    [
        (Right.WITHDRAW, date(2026, 12, 4), date(2026, 12, 9), date(2026, 12, 19)),
        (Right.RESTRICT, date(2026, 12, 4), date(2026, 12, 9), date(2026, 12, 19)),
        (Right.OBJECT, date(2026, 12, 4), date(2026, 12, 9), date(2026, 12, 19)),
        (Right.COPY, date(2026, 11, 29), date(2026, 12, 4), date(2026, 12, 9)),
        (Right.CORRECT, date(2026, 11, 29), date(2026, 12, 4), date(2026, 12, 9)),
        (Right.ERASE, date(2026, 12, 9), date(2026, 12, 19), date(2026, 12, 29)),
    ],
)
def test_the_answer_is_due_on_the_day_of_the_law(
    right: Right, alone: date, with_others: date, extended: date
) -> None:
    assert due_on(right, THURSDAY, others_hold_it=False) == alone
    assert due_on(right, THURSDAY, others_hold_it=True) == with_others
    assert extended_to(right, THURSDAY, alone) == extended


def test_an_answer_comes_after_the_acknowledgement() -> None:
    with pytest.raises(ForbiddenMove):
        move(RequestState.RECEIVED, RequestState.ANSWERED)
    assert move(RequestState.ACKNOWLEDGED, RequestState.ANSWERED) is RequestState.ANSWERED
