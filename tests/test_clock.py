"""The one clock: aware, at the hospital, and still when it is held."""

from datetime import UTC, date, datetime, timedelta

import pytest

from casemgr import clock


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 22, 16, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 22, 17, 0, tzinfo=UTC), date(2026, 11, 23)),  # midnight here
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_today_is_the_hospitals_day(at: datetime, day: date) -> None:
    with clock.frozen(at):
        assert clock.today() == day


def test_a_held_clock_stands_still_and_goes_on_afterwards() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    with clock.frozen(at):
        assert clock.now() == clock.now() == at
        with clock.frozen(at + timedelta(days=1)):
            assert clock.now() == at + timedelta(days=1)
        assert clock.now() == at
    assert clock.now() != at


def test_a_held_clock_is_told_in_utc() -> None:
    with clock.frozen(datetime(2026, 11, 22, 7, 30, tzinfo=clock.HOSPITAL_ZONE)):
        assert clock.now() == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
        assert clock.now().tzinfo is UTC


def test_the_clock_is_let_go_when_something_fails() -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(ZeroDivisionError), clock.frozen(at):
        _ = 1 / 0
    assert clock.now().year > 2020


def test_hours_at_the_hospital() -> None:
    assert clock.at_hospital(date(2026, 11, 22), 7, 30) == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    assert clock.at_hospital(date(2026, 11, 22)) == datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert clock.to_local(datetime(2026, 6, 1, tzinfo=UTC)).hour == 7  # no daylight saving


@pytest.mark.parametrize(
    ("day", "count", "last"),
    [
        (date(2026, 11, 25), 3, date(2026, 11, 30)),  # Wednesday: Thursday, Friday, Monday
        (date(2026, 11, 28), 1, date(2026, 11, 30)),  # from a Saturday
        (date(2026, 2, 13), 2, date(2026, 2, 24)),  # over the lunar new year of 2026
        (date(2026, 4, 24), 2, date(2026, 4, 29)),  # the Hung kings' day was made good on a Monday
        (date(2026, 4, 29), 1, date(2026, 5, 4)),  # 30 April, 1 May and a weekend
        (date(2027, 8, 31), 2, date(2027, 9, 3)),  # 2 September of a year not announced yet
        (date(2026, 11, 25), 0, date(2026, 11, 25)),
    ],
    ids=str,
)
def test_a_term_of_working_days(day: date, count: int, last: date) -> None:
    """Counted by hand in the calendar of the year."""
    assert clock.after_working_days(day, count) == last


def test_a_day_is_over_at_the_hospitals_midnight() -> None:
    assert clock.end_of(date(2026, 11, 25)) == datetime(2026, 11, 25, 17, tzinfo=UTC)
