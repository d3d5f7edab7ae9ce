"""The days around the cases: who signed in, and the privacy officer at the log (R26)."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random

from casemgr.demo import staff
from casemgr.demo.events import Event, PageRefused, ReviewedLog, SignedIn
from casemgr.demo.pen import Pen

# People whose work touches no case still sign in now and then.
_ELSEWHERE = ("khth.duc", "tchc.yen", "tt.khoi", "quantri", "doitac.ttxh")
_CURIOUS = frozenset({"khth.duc", "tchc.yen", "quantri"})  # now and then at a door not theirs


def daily_life(rng: Random, today: date, acts: Iterable[Event]) -> tuple[Event, ...]:
    """Sign-ins before the first act of each day, a few that failed, and the weekly review."""
    first: dict[tuple[int, str], int] = {}
    for act in acts:
        minute = act.at.hour * 60 + act.at.minute
        first[act.day, act.by] = min(minute, first.get((act.day, act.by), minute))
    told: list[Event] = []
    for (day, by), minute in sorted(first.items()):
        told += _sign_in(rng, today, day, max(minute - rng.randint(4, 9), 0), by)
    for day in range(-90, 0):
        weekday = (today + timedelta(days=day)).weekday()
        if weekday < 5:
            told += _quiet_day(rng, today, day, is_review_day=weekday == 0)
    return tuple(sorted(told, key=lambda each: (each.day, each.at)))


def _sign_in(rng: Random, today: date, day: int, minute: int, by: str) -> list[Event]:
    """Now and then the first try fails; then the second succeeds a minute or two later."""
    pen = Pen(rng, today, day, minute)
    if rng.random() < 0.04 and minute < 23 * 60:
        pen.write(SignedIn(**pen.stamp(by), is_successful=False))
    pen.write(SignedIn(**pen.stamp(by)))
    return pen.events


def _quiet_day(rng: Random, today: date, day: int, *, is_review_day: bool) -> list[Event]:
    told: list[Event] = []
    for by in _ELSEWHERE:
        if rng.random() < 0.25:
            told += _sign_in(rng, today, day, rng.randint(7 * 60 + 5, 9 * 60), by)
            if by in _CURIOUS and rng.random() < 0.15:
                pen = Pen(rng, today, day, 9 * 60 + 5)
                told += _sign_in(rng, today, day, 9 * 60, by)
                pen.write(PageRefused(**pen.stamp(by)))
                told += pen.events
    if is_review_day:
        pen = Pen(rng, today, day, rng.randint(8 * 60, 10 * 60))
        pen.write(SignedIn(**pen.stamp(staff.PRIVACY_OFFICER)))
        pen.write(ReviewedLog(**pen.later(2, 9).stamp(staff.PRIVACY_OFFICER)))
        if rng.random() < 0.3:
            stamp = pen.later(10, 30).stamp(staff.PRIVACY_OFFICER)
            pen.write(ReviewedLog(**stamp, is_exported=True))
        told += pen.events
    return told
