"""The 72 hours by hand, and what is too small to be told (domain §2.6)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from casemgr.audit import Action, Outcome
from casemgr.clock import at_hospital
from casemgr.privacy.breaches import rules
from casemgr.privacy.breaches.rules import BreachKind
from casemgr.privacy.dashboard import rules as board_rules
from casemgr.privacy.dashboard.rules import Group


@pytest.mark.parametrize(
    ("detected", "due"),
    [
        # Friday 4 December 2026, 16:30: over the weekend to Monday, same time
        (at_hospital(date(2026, 12, 4), 16, 30), at_hospital(date(2026, 12, 7), 16, 30)),
        # Tết Đinh Mùi: 6 February 2027 is the first day of the year; the office opens days later
        (at_hospital(date(2027, 2, 5), 23, 0), at_hospital(date(2027, 2, 8), 23, 0)),
        (at_hospital(date(2026, 12, 30), 8, 0), at_hospital(date(2027, 1, 2), 8, 0)),
        (datetime(2026, 3, 1, 0, 0, tzinfo=UTC), datetime(2026, 3, 4, 0, 0, tzinfo=UTC)),
    ],
    ids=["weekend", "tet", "new-year", "utc"],
)
def test_the_term_is_hours_not_working_days(detected: datetime, due: datetime) -> None:
    assert rules.due_at(detected, rules.term_of(detected.date())) == due


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (timedelta(hours=23, minutes=59), 0),
        (timedelta(hours=24), 24),
        (timedelta(hours=47), 24),
        (timedelta(hours=48), 48),
        (timedelta(hours=72), 72),
        (timedelta(days=30), 72),
    ],
    ids=str,
)
def test_the_director_is_told_at_24_48_and_72_hours(after: timedelta, told: int) -> None:
    detected = at_hospital(date(2026, 12, 4), 16, 30)
    assert rules.escalation(detected, detected + after) == told


def test_the_clock_counts_down_and_then_up() -> None:
    due = at_hospital(date(2026, 12, 7), 16, 30)
    before = rules.clock_of(due, None, due - timedelta(hours=5, minutes=7))
    assert (before.hours, before.minutes, before.is_over, before.runs) == (5, 7, False, True)
    after = rules.clock_of(due, None, due + timedelta(days=2, minutes=3))
    assert (after.hours, after.minutes, after.is_over) == (48, 3, True)
    sent = rules.clock_of(due, due - timedelta(hours=1), due + timedelta(days=90))
    assert not sent.runs
    assert not sent.is_over, "what was sent in time stays in time"


def test_wrong_purpose_and_unmet_rights_are_notifiable_too() -> None:
    kinds = rules.term_of(date(2026, 11, 25)).kinds
    assert {BreachKind.WRONG_PURPOSE, BreachKind.UNMET_RIGHT} <= kinds


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (1200, "1200")], ids=str
)
def test_a_small_number_is_not_told(number: int, told: str) -> None:
    assert board_rules.told(number) == told


@pytest.mark.parametrize(
    ("confirmed", "explained", "share"), [(0, 0, None), (1, 3, 25), (2, 1, 67), (0, 4, 0)], ids=str
)
def test_precision_is_of_what_was_judged(confirmed: int, explained: int, share: int | None) -> None:
    assert board_rules.precision(confirmed, explained) == share


def test_a_refused_act_counts_as_refused_and_not_as_done() -> None:
    refused = board_rules.groups_of(Action.COMPARTMENT_OPENED, Outcome.REFUSED)
    assert refused == {Group.REFUSED}
    assert board_rules.groups_of(Action.COMPARTMENT_OPENED, Outcome.DONE) == {Group.OPENED}
    assert board_rules.groups_of(Action.SIGN_IN_REFUSED, Outcome.REFUSED) == {Group.SIGN_IN_REFUSED}
