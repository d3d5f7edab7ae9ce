"""The rounds of the worker: what is new in the log is looked at once, and nothing is left out.

Each pace keeps until when it has looked. A stretch is looked at again from a little before where
the last one ended, since an entry may be committed after a later one: reviews take a signal of one
rule, colleague, case and day only once. A worker that was away catches up, a day at a time.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final

from sqlalchemy import delete, select

from casemgr import clock
from casemgr.access import Actor
from casemgr.audit import Action, record
from casemgr.db import session
from casemgr.privacy.detection import combining, knowing, reading, settings
from casemgr.privacy.detection.models import (
    DetectionFlag,
    DetectionProgress,
    DetectionSample,
)
from casemgr.privacy.detection.outlet import reviews
from casemgr.privacy.detection.rules import random_sample
from casemgr.privacy.detection.rules.every import LOOK_BACK, WAYS, Needs, Pace
from casemgr.privacy.detection.rules.facts import Facts
from casemgr.privacy.detection.rules.window import Limits, Window
from casemgr.privacy.reviews.signals import Signal
from casemgr.work.worker import Periodic

OVERLAP: Final = timedelta(minutes=5)  # longer than any transaction lives
# What tells at once looks back less, or it would open the same cases again and again; what was
# committed later still is told of by the hourly round, which runs these rules as well.
OVERLAP_AT_ONCE: Final = timedelta(minutes=1)
SETTLED: Final = timedelta(minutes=5)  # how long after its end an hour or a day is looked at
BEGINS: Final = timedelta(days=7)  # how far the first round of an installation looks back
DAY: Final = timedelta(days=1)
_OVERLAPS: Final = {
    Pace.MINUTE: OVERLAP_AT_ONCE,
    Pace.HOUR: OVERLAP,
    Pace.DAY: timedelta(0),  # looked at when it has long settled
}


def watch(actor: Actor, pace: Pace) -> int:
    """Look at the next stretch of the log, if one has ended. Returns how many signals were new."""
    if not reviews.is_connected:
        return 0
    now = clock.now()
    progress = _progress(actor, pace, now)
    until = next_until(pace, progress.done_until, now)
    if until is None:
        return 0
    raised = look(actor, pace, progress.done_until, until)
    progress.done_until = until
    session.flush()
    return raised


def next_until(pace: Pace, done_until: datetime, now: datetime) -> datetime | None:
    """Where the next stretch ends; None while it has not ended. At most a day, at most one day."""
    if pace is Pace.MINUTE:
        return min(now, done_until + DAY) if now > done_until else None
    day = clock.to_local(done_until).date()
    if pace is Pace.DAY:
        ends = clock.at_hospital(day + DAY)
        return ends if ends + SETTLED <= now else None
    last = now - SETTLED
    hour = last.replace(minute=0, second=0, microsecond=0)
    ends = min(hour, clock.at_hospital(day + DAY))
    return ends if ends > done_until else None


def rules_at(pace: Pace) -> list[str]:
    """The rules of a pace; the hourly round also has those that tell at once."""
    paces = {pace, Pace.MINUTE} if pace is Pace.HOUR else {pace}
    return [name for name, way in WAYS.items() if way.pace in paces]


def look(actor: Actor, pace: Pace, since: datetime, until: datetime) -> int:
    """Every rule of this pace that is on, over one stretch; one entry for it all."""
    states = settings.states(actor)
    rules = [name for name in rules_at(pace) if states[name].is_on]
    start = since - _OVERLAPS[pace]
    back = timedelta(0) if pace is Pace.MINUTE else LOOK_BACK
    window = Window(reading.accesses(actor, start - back, until), start, until)
    if not window.new or not rules:
        return 0
    record(actor, Action.LOG_WATCHED, count=len(window.new))
    needs = knowing.needs_of(rules)
    facts = knowing.facts_for(actor, window, needs)
    if Needs.USUAL in needs:
        touches = knowing.touches_before(actor, until)
        facts = knowing.with_usual(facts, touches, clock.to_local(since).date())
    limits = {name: states[name].numbers for name in rules}
    told = [name for name in rules if name != random_sample.NAME]
    found = combining.run(window, facts, limits, told)
    raised = _raise(actor, found)
    if random_sample.NAME in rules:
        raised += _draw(actor, window, facts, limits[random_sample.NAME])
    return raised


def _raise(actor: Actor, signals: Sequence[Signal]) -> int:
    """Hand all signals of a look over at once, in an order that tells nothing.

    Which rule spoke is sealed: rows written rule by rule would tell it to who holds a backup, and
    so would an open count of a rule and a day.
    """
    if reviews.raise_signals is None:
        return 0
    shuffled = list(signals)
    SystemRandom().shuffle(shuffled)
    raised = reviews.raise_signals(actor, shuffled) if shuffled else 0
    _flag(actor, shuffled)
    return raised


def _flag(actor: Actor, signals: Sequence[Signal]) -> None:
    """Remember which entries were told of, for the day's sample."""
    days = {entry: signal.day for signal in signals for entry in signal.entries}
    ids = list(days)
    for start in range(0, len(ids), 500):
        batch = ids[start : start + 500]
        query = select(DetectionFlag.entry_id).where(
            DetectionFlag.facility_id == actor.facility_id, DetectionFlag.entry_id.in_(batch)
        )
        known = set(session.scalars(query))
        session.add_all(
            DetectionFlag(facility_id=actor.facility_id, entry_id=entry, day=days[entry])
            for entry in batch
            if entry not in known
        )
        session.flush()


def _draw(actor: Actor, window: Window, facts: Facts, numbers: Limits) -> int:
    """Draw the day's sample among what nobody told of, and forget what was told of."""
    day = clock.to_local(window.since).date()
    flagged = select(DetectionFlag.entry_id).where(DetectionFlag.facility_id == actor.facility_id)
    seed = reading.seed_of(actor, window.since, window.until)
    known = replace(facts, flagged=frozenset(session.scalars(flagged)), seed=seed)
    limits = {random_sample.NAME: numbers}
    drawn = combining.run(window, known, limits, limits)
    among = sum(
        not any(access.id in known.flagged for access in found)
        for found in window.touching.values()
    )
    record(
        actor,
        Action.SAMPLE_DRAWN,
        count=len(drawn),
        shown=[entry for signal in drawn for entry in signal.entries[:1]],
    )
    session.add(
        DetectionSample(
            facility_id=actor.facility_id,
            day=day,
            seed=seed.hex(),
            drawn_from=among,
            drawn=len(drawn),
        )
    )
    session.execute(
        delete(DetectionFlag).where(
            DetectionFlag.facility_id == actor.facility_id, DetectionFlag.day <= day - LOOK_BACK
        )
    )
    return _raise(actor, drawn)


def _progress(actor: Actor, pace: Pace, now: datetime) -> DetectionProgress:
    query = select(DetectionProgress).where(
        DetectionProgress.facility_id == actor.facility_id, DetectionProgress.pace == pace
    )
    progress = session.scalar(query)
    if progress is None:
        first = clock.at_hospital(clock.to_local(now - BEGINS).date())
        progress = DetectionProgress(facility_id=actor.facility_id, pace=pace, done_until=first)
        session.add(progress)
        session.flush()
    return progress


def rounds() -> list[Periodic]:
    """What the worker does again and again, as the system actor ``detection``."""
    return [
        Periodic("detection", timedelta(minutes=1), lambda actor: watch(actor, Pace.MINUTE)),
        Periodic("detection", timedelta(minutes=2), lambda actor: watch(actor, Pace.HOUR)),
        Periodic("detection", timedelta(minutes=3), lambda actor: watch(actor, Pace.DAY)),
    ]
