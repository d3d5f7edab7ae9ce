"""Sittings: safety checks, answers, what they come to, and who reads them later.

A sitting belongs to the one who took it; for anybody else it does not exist. Once it led to a
case, those who may open EPISODE on that case read it too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys
from casemgr.accounts import service as accounts
from casemgr.audit import Action
from casemgr.cases.reach import restricted
from casemgr.db import new_id, session
from casemgr.screenings import guidance, instruments, rules
from casemgr.screenings.guidance import Guidance
from casemgr.screenings.instruments.instrument import Age, Instrument
from casemgr.screenings.models import Sitting
from casemgr.screenings.rules import Outcome, SafetyChecks, SittingState

UNFINISHED = tuple(state for state, leads_to in rules.MOVES.items() if leads_to)
_RESTING = frozenset({SittingState.COMPLETED, SittingState.STOPPED, SittingState.REFUSED})
_FACTS = frozenset({Compartment.EPISODE})


def instrument_of(sitting: Sitting) -> Instrument:
    """The instrument that was asked, in its version; before the first question the current one."""
    if sitting.instrument_slug is None:
        return instruments.all_current()[0]
    return instruments.get(sitting.instrument_slug, sitting.instrument_version)


def age_of(sitting: Sitting) -> Age | None:
    """The age as it was recorded; None for an unknown one."""
    if sitting.age_youngest is None or sitting.age_oldest is None:
        return None
    return Age(sitting.age_youngest, sitting.age_oldest)


def advice(sitting: Sitting) -> Guidance | None:
    """What this sitting means and what to do next; None where no question was meant to be asked.

    A "Có" outweighs everything; then the reason why no question was, or could be, asked.
    """
    if sitting.instrument_slug is None or sitting.outcome is None:
        return None
    instrument = instrument_of(sitting)
    if is_outside(sitting):
        return _outside(instrument, age_of(sitting))
    return rules.what_next(instrument, sitting.outcome, sitting.answers or {})


def is_outside(sitting: Sitting) -> bool:
    """Whether the questions are not asked because they were not made for this age (R14)."""
    if sitting.instrument_slug is None or sitting.outcome is Outcome.POSITIVE:
        return False
    waits = sitting.state in (SittingState.OPENED, SittingState.STOPPED)
    return waits and _outside(instrument_of(sitting), age_of(sitting)) is not None


def may_take_up(sitting: Sitting) -> bool:
    """Whether the questions can (still) be asked, after new safety checks."""
    return sitting.state in UNFINISHED


def question_open(sitting: Sitting) -> int | None:
    """The number of the first question without an answer, from 1; None when all have one."""
    instrument = instrument_of(sitting)
    item = rules.next_item(instrument, sitting.answers or {})
    return None if item is None else instrument.items.index(item) + 1


def open_sitting(
    actor: Actor, *, department: str, checks: SafetyChecks, age: Age | None
) -> Sitting:
    """Begin a sitting with the two safety checks; failed ones save it as unsafe to ask (R1, R2).

    Outside the instrument's population it stays without a question; ``advice`` says why (R14).
    """
    actor.require(Permission.SCREENING_WRITE)
    sitting = start(actor, department, Action.SAFETY_CHECKED)
    _apply(sitting, checks, age)
    session.flush()
    return sitting


def decline_at_once(actor: Actor, department: str) -> Sitting:
    """The person does not wish to talk, said before any question: kept as declined (R3)."""
    actor.require(Permission.SCREENING_WRITE)
    sitting = start(actor, department, Action.SCREENING_REFUSED)
    instrument = instrument_of(sitting)
    sitting.instrument_slug, sitting.instrument_version = instrument.slug, instrument.version
    sitting.state = rules.move(sitting.state, SittingState.REFUSED)
    return _settle(sitting)


def check_again(
    actor: Actor,
    sitting_id: UUID,
    version: int,
    *,
    department: str,
    checks: SafetyChecks,
    age: Age | None,
) -> Sitting:
    """New safety checks before a sitting is taken up again. Raises NotFound or Conflict."""
    sitting = _for_change(actor, sitting_id, version, Action.SAFETY_CHECKED)
    with _or_conflict():
        if sitting.state is SittingState.ASKING:  # left in the middle: nobody knows who came in
            sitting.state = rules.move(sitting.state, SittingState.STOPPED)
        sitting.department = department
        _apply(sitting, checks, age)
    session.flush()
    return sitting


def look(actor: Actor, sitting_id: UUID) -> Sitting:
    """The actor's own sitting, opened on record. Raises NotFound for anybody else's."""
    sitting = mine(actor, sitting_id)
    unseal(actor, sitting, Action.SCREENING_SHOWN)
    return sitting


def record_answer(actor: Actor, sitting_id: UUID, version: int, number: int, value: str) -> Sitting:
    """Keep one answer, given or changed. Raises NotFound, Conflict when no question is open."""
    sitting = _for_change(actor, sitting_id, version, Action.SCREENING_ANSWERED)
    instrument = instrument_of(sitting)
    if not 1 <= number <= len(instrument.items):
        raise NotFound(sitting_id)
    item = instrument.items[number - 1]
    with _or_conflict():
        sitting.answers = rules.answer(
            instrument, sitting.state, sitting.answers or {}, item.key, value
        )
    return _settle(sitting)


def stop(actor: Actor, sitting_id: UUID, version: int) -> Sitting:
    """The person wants to stop: everything answered so far stays as a draft (R3)."""
    return _step(actor, sitting_id, version, SittingState.STOPPED, Action.SCREENING_STOPPED)


def interrupt(actor: Actor, sitting_id: UUID, version: int) -> Sitting:
    """Somebody came in, or it is no longer safe: no further question is shown (R1)."""
    return _step(actor, sitting_id, version, SittingState.UNSAFE_TO_ASK, Action.SAFETY_CHECKED)


def decline(actor: Actor, sitting_id: UUID, version: int) -> Sitting:
    """The person declines the screening: asked no more; care goes on (R3, domain §4.0)."""
    return _step(actor, sitting_id, version, SittingState.REFUSED, Action.SCREENING_REFUSED)


def complete(actor: Actor, sitting_id: UUID, version: int) -> Sitting:
    """Close a sitting in which every question has an answer, declined ones included."""
    sitting = _for_change(actor, sitting_id, version, Action.SCREENING_COMPLETED)
    with _or_conflict():
        sitting.state = rules.complete(instrument_of(sitting), sitting.state, sitting.answers or {})
    return _settle(sitting)


def taken_by(actor: Actor, sitting: Sitting) -> str:
    """The name of the one who asked."""
    return accounts.names_of(actor, [sitting.taken_by]).get(sitting.taken_by, "")


def mine(actor: Actor, sitting_id: UUID) -> Sitting:
    """The actor's own sitting, still sealed. Raises NotFound for anybody else's."""
    actor.require(Permission.SCREENING_WRITE)
    sitting = session.scalar(select(Sitting).where(Sitting.id == sitting_id, *own(actor)))
    if sitting is None:
        raise NotFound(sitting_id)
    return sitting


def mine_for_change(actor: Actor, sitting_id: UUID, version: int) -> Sitting:
    """The same, unless it was changed since ``version`` was read. Raises Conflict (I8)."""
    sitting = mine(actor, sitting_id)
    if sitting.version != version:
        raise Conflict(sitting_id)
    return sitting


def start(actor: Actor, department: str, action: Action) -> Sitting:
    """A new sitting of the actor's, open for writing.

    The keys are its own: linking it to a case later never seals anything again (design §4).
    """
    sitting = Sitting(
        id=new_id(),
        facility_id=actor.facility_id,
        taken_by=actor.known_id,
        opened_at=clock.now(),
        state=SittingState.OPENED,
    )
    unseal(actor, sitting, action)
    session.add(sitting)
    sitting.department = department
    return sitting


def unseal(
    actor: Actor, sitting: Sitting, action: Action, purpose: Purpose = Purpose.SCREENING
) -> None:
    """Open a sitting whose reading was decided by the caller, under the act it is opened for."""
    open_keys(actor, sitting.id, _FACTS, purpose=purpose, case_id=sitting.case_id, action=action)


def _for_change(actor: Actor, sitting_id: UUID, version: int, action: Action) -> Sitting:
    sitting = mine_for_change(actor, sitting_id, version)
    unseal(actor, sitting, action)
    return sitting


def _step(
    actor: Actor, sitting_id: UUID, version: int, to: SittingState, action: Action
) -> Sitting:
    sitting = _for_change(actor, sitting_id, version, action)
    with _or_conflict():
        sitting.state = rules.move(sitting.state, to)
    return _settle(sitting)


def _apply(sitting: Sitting, checks: SafetyChecks, age: Age | None) -> None:
    """Keep what the nurse said, and begin to ask where it is safe and the age fits."""
    instrument = instrument_of(sitting)
    sitting.instrument_slug, sitting.instrument_version = instrument.slug, instrument.version
    sitting.is_alone, sitting.limits_explained = checks.is_alone, checks.limits_explained
    sitting.age_youngest = age.youngest if age else None
    sitting.age_oldest = age.oldest if age else None
    if not checks.passed or _outside(instrument, age) is None:
        sitting.state = rules.after_checks(sitting.state, checks)
    elif sitting.state is SittingState.UNSAFE_TO_ASK:  # safe now, but not with these questions
        sitting.state = rules.move(sitting.state, SittingState.STOPPED)
    _settle(sitting)


def _settle(sitting: Sitting) -> Sitting:
    sitting.outcome = rules.outcome(instrument_of(sitting), sitting.state, sitting.answers or {})
    sitting.closed_at = clock.now() if sitting.state in _RESTING else None
    session.flush()
    return sitting


def _outside(instrument: Instrument, age: Age | None) -> guidance.Guidance | None:
    """What to do instead when the instrument was not made for this age; None when it was."""
    try:
        rules.require_population(instrument, age)
    except rules.OutsidePopulation as refused:
        return refused.guidance
    return None


@contextmanager
def _or_conflict() -> Iterator[None]:
    """A step that the sitting no longer allows was asked from a page that is out of date."""
    try:
        yield
    except rules.SittingRuleBroken as broken:
        raise Conflict(str(broken)) from broken


def own(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a sitting that is the actor's own, unless it is restricted with a case."""
    return (
        Sitting.facility_id == actor.facility_id,
        Sitting.taken_by == actor.account_id,
        or_(Sitting.case_id.is_(None), Sitting.case_id.not_in(restricted(Compartment.EPISODE))),
    )
