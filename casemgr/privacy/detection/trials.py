"""Dry runs: what a rule with some numbers would have told of on the last 90 days, week by week.

Each week is a job and a transaction of its own. Only counts are kept: nobody is named by a rule
that is not even switched on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor
from casemgr.audit import Action, record
from casemgr.db import new_id, session
from casemgr.privacy.detection import days
from casemgr.privacy.detection.models import DetectionTrial
from casemgr.privacy.detection.numbers import read_numbers, written
from casemgr.privacy.detection.rules.window import Limits
from casemgr.work.outbox import enqueue

TRY: Final = "detection.trial"
DAYS: Final = 90
STEP: Final = timedelta(days=7)
COUNTS_FOR: Final = timedelta(days=30)  # how long a dry run lets a rule be switched on


@dataclass(frozen=True, slots=True)
class Week:
    """What the rule would have told of in the week that began on this day."""

    begins: date
    signals: int
    people: int


def begin(actor: Actor, rule: str, numbers: Limits) -> DetectionTrial:
    """Ask for a dry run up to yesterday; the caller has checked the right."""
    yesterday = clock.today() - timedelta(days=1)
    first = yesterday - timedelta(days=DAYS - 1)
    trial = DetectionTrial(
        id=new_id(),
        facility_id=actor.facility_id,
        rule=rule,
        numbers=written(numbers),
        asked_by=actor.account_id,
        asked_at=clock.now(),
        first_day=first,
        next_day=first,
        last_day=yesterday,
        weeks="",
    )
    session.add(trial)
    record(
        actor,
        Action.DETECTION_TRIED,
        subject_kind=f"rule:{rule}",
        subject_id=trial.id,
    )
    enqueue(actor, TRY, trial.id)
    session.flush()
    return trial


def step(actor: Actor, trial_id: UUID) -> None:
    """The worker's job: one more week, and the next job until it is done."""
    trial = session.get(DetectionTrial, trial_id)
    if trial is None or trial.done_at is not None:
        return
    first = trial.next_day
    last = min(first + STEP - timedelta(days=1), trial.last_day)
    limits = {trial.rule: read_numbers(trial.numbers)}
    found = days.look_at(actor, limits, first, last)
    record(
        actor,
        Action.DETECTION_TRIAL_RUN,
        subject_kind=f"rule:{trial.rule}",
        subject_id=trial.id,
        count=len(found),
    )
    people = len({signal.account_id for signal in found})
    trial.weeks = f"{trial.weeks} {len(found)}/{people}".strip()
    trial.next_day = last + timedelta(days=1)
    if trial.next_day > trial.last_day:
        trial.done_at = clock.now()
    else:
        enqueue(actor, TRY, trial.id)
    session.flush()


def newest(actor: Actor, rule: str) -> DetectionTrial | None:
    """The newest dry run of a rule, done or not."""
    query = select(DetectionTrial).where(
        DetectionTrial.facility_id == actor.facility_id, DetectionTrial.rule == rule
    )
    newest_first = query.order_by(DetectionTrial.asked_at.desc(), DetectionTrial.id.desc())
    return session.scalar(newest_first.limit(1))


def was_tried(actor: Actor, rule: str, numbers: Limits) -> bool:
    """Whether a dry run with these numbers was finished lately."""
    query = select(DetectionTrial.id).where(
        DetectionTrial.facility_id == actor.facility_id,
        DetectionTrial.rule == rule,
        DetectionTrial.numbers == written(numbers),
        DetectionTrial.done_at > clock.now() - COUNTS_FOR,
    )
    return session.scalar(query.limit(1)) is not None


def weeks_of(trial: DetectionTrial) -> Sequence[Week]:
    """The weeks that were looked at so far, oldest first."""
    counts = [part.partition("/") for part in trial.weeks.split()]
    return [
        Week(trial.first_day + STEP * place, int(signals), int(people))
        for place, (signals, _, people) in enumerate(counts)
    ]


HANDLERS = {TRY: step}
