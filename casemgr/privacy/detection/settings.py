"""How each rule stands: on or off, with which numbers, set by whom and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Invalid, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys, open_many
from casemgr.audit import Action, record
from casemgr.db import new_id, session
from casemgr.privacy.detection import trials
from casemgr.privacy.detection.models import DetectionSetting, DetectionTrial
from casemgr.privacy.detection.numbers import read_numbers, written
from casemgr.privacy.detection.outlet import Verdicts, reviews
from casemgr.privacy.detection.rules.every import WAYS
from casemgr.privacy.detection.rules.limits import defaults, within
from casemgr.privacy.detection.rules.window import Limits

RECENT: Final = timedelta(days=30)
REASON_LENGTH: Final = 20
OVERSIGHT: Final = frozenset({Compartment.OVERSIGHT})


@dataclass(frozen=True, slots=True)
class State:
    """One rule as it stands. ``version`` counts how often it was set."""

    rule: str
    is_on: bool
    numbers: Limits
    version: int = 0
    set_by: UUID | None = None
    set_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """One line of the list: the rule, what it told of lately, what became of it."""

    state: State
    recent: int
    verdicts: Verdicts | None


def states(actor: Actor) -> dict[str, State]:
    """Every rule as it stands in this facility, in the order of the catalogue."""
    found = {name: State(name, way.is_on, defaults(name)) for name, way in WAYS.items()}
    for row in session.scalars(_all(actor)):
        before = found.get(row.rule)
        if before is not None:
            numbers = {**before.numbers, **read_numbers(row.numbers)}
            found[row.rule] = State(
                row.rule, row.is_on, numbers, before.version + 1, row.set_by, row.set_at
            )
    return found


def list_rules(actor: Actor) -> list[Overview]:
    """All rules for the officer's page; that it was looked at is on record."""
    actor.require(Permission.DETECTION_READ)
    record(actor, Action.DETECTION_SHOWN, count=len(WAYS))
    recent = _recent(actor)
    verdicts = _verdicts(actor)
    return [
        Overview(state, recent.get(name, 0), verdicts.get(name))
        for name, state in states(actor).items()
    ]


def show_rule(actor: Actor, rule: str) -> tuple[State, Sequence[DetectionSetting]]:
    """One rule and how it was set, newest first, with reasons. Raises NotFound, Denied."""
    actor.require(Permission.DETECTION_READ)
    state = _known(actor, rule)
    rows = session.scalars(_all(actor).where(DetectionSetting.rule == rule)).all()
    record(
        actor,
        Action.DETECTION_SHOWN,
        subject_kind=f"rule:{rule}",
        purpose=Purpose.OVERSIGHT,
        compartments=OVERSIGHT if rows else (),
        count=len(rows),
    )
    open_many(actor, [row.id for row in rows], OVERSIGHT)
    return state, rows[::-1]


def set_rule(
    actor: Actor, rule: str, version: int, *, is_on: bool, numbers: Limits, reason: str
) -> DetectionSetting:
    """Switch a rule, or move its numbers within their bounds, with a reason.

    What is off is only switched on after a dry run with these very numbers (issue 4). Raises
    NotFound, Denied, Conflict when somebody set it meanwhile, Invalid(number, "out_of_bounds"),
    Invalid("reason", "too_short"), Invalid("", "nothing_changed"), Invalid("", "dry_run_first").
    """
    actor.require(Permission.DETECTION_WRITE)
    state = _known(actor, rule)
    if state.version != version:
        raise Conflict(rule)
    if wrong := within(rule, numbers):
        raise Invalid(wrong, "out_of_bounds")
    if len(reason.strip()) < REASON_LENGTH:
        raise Invalid("reason", "too_short")
    if (state.is_on, dict(state.numbers)) == (is_on, dict(numbers)):
        raise Invalid("", "nothing_changed")
    if is_on and not state.is_on and not trials.was_tried(actor, rule, numbers):
        raise Invalid("", "dry_run_first")
    row = DetectionSetting(
        id=new_id(),
        facility_id=actor.facility_id,
        rule=rule,
        is_on=is_on,
        numbers=written(numbers),
        set_by=actor.account_id,
        set_at=clock.now(),
    )
    open_keys(actor, row.id, OVERSIGHT, purpose=Purpose.OVERSIGHT, action=Action.DETECTION_SET)
    session.add(row)
    row.reason = reason.strip()
    session.flush()
    return row


def try_rule(actor: Actor, rule: str, numbers: Limits) -> DetectionTrial:
    """Ask for a dry run. Raises NotFound, Denied, Invalid(number, "out_of_bounds")."""
    actor.require(Permission.DETECTION_WRITE)
    _known(actor, rule)
    if wrong := within(rule, numbers):
        raise Invalid(wrong, "out_of_bounds")
    return trials.begin(actor, rule, numbers)


def _known(actor: Actor, rule: str) -> State:
    if rule not in WAYS:
        raise NotFound(rule)
    return states(actor)[rule]


def _all(actor: Actor) -> Select[DetectionSetting]:
    query = select(DetectionSetting).where(DetectionSetting.facility_id == actor.facility_id)
    return query.order_by(DetectionSetting.set_at, DetectionSetting.id)


def _recent(actor: Actor) -> Mapping[str, int]:
    """Counted from the reviews: those about the reader are in no number."""
    since = clock.now() - RECENT
    return reviews.findings_by_rule(actor, since) if reviews.findings_by_rule else {}


def _verdicts(actor: Actor) -> Mapping[str, Verdicts]:
    return reviews.verdicts_by_rule(actor) if reviews.verdicts_by_rule else {}
