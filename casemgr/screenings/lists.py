"""Lists of sittings: one's own, and those that led to a case; each leaves one entry."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Denied, NotFound, Permission, Purpose
from casemgr.access.opening import open_many
from casemgr.accounts import service as accounts
from casemgr.audit import Action, record
from casemgr.cases import service as cases
from casemgr.cases.models import Case
from casemgr.crypto.at_once import open_all
from casemgr.crypto.errors import SealBroken
from casemgr.db import session
from casemgr.screenings.models import Sitting
from casemgr.screenings.rules import Outcome, SittingState
from casemgr.screenings.service import UNFINISHED, may_take_up, own, unseal

_FACTS = frozenset({Compartment.EPISODE})
LONGEST_LIST = 100
TAKEN_UP_WITHIN = timedelta(days=7)  # proposal of 2026-11: later the person is asked anew


@dataclass(frozen=True, slots=True)
class SittingSummary:
    """What a case's page tells of a sitting: when, by whom, what it came to. No answers."""

    id: UUID
    opened_at: datetime
    taken_by: str
    state: SittingState
    outcome: Outcome | None
    was_asked: bool
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class MySittings:
    """The list of a nurse: what can be taken up again, and what else happened today."""

    unfinished: list[Sitting]
    today: list[Sitting]


def list_mine(actor: Actor) -> MySittings:
    """The actor's own sittings: those to take up again, and today's; one entry with their ids."""
    actor.require(Permission.SCREENING_WRITE)
    today = clock.at_hospital(clock.today())
    query = (
        select(Sitting)
        .where(*own(actor), or_(Sitting.opened_at >= today, _waits()))
        .order_by(Sitting.opened_at.desc())
        .limit(LONGEST_LIST)
    )
    found = list(session.scalars(query))
    shown = [sitting.id for sitting in found]
    record(
        actor,
        Action.SCREENINGS_LISTED,
        compartments=_FACTS,
        purpose=Purpose.SCREENING,
        count=len(found),
        shown=shown,
    )
    open_many(actor, shown, _FACTS)
    open_all(Sitting.sitting, found)
    waiting = [s for s in found if may_take_up(s) and s.case_id is None]
    return MySittings(waiting, [s for s in found if s not in waiting])


def count_unfinished(actor: Actor) -> int:
    """How many of the actor's own sittings can be taken up again; for the home page."""
    query = select(func.count()).select_from(Sitting).where(*own(actor), _waits())
    return session.scalar(query) or 0


def for_case(actor: Actor, case: Case) -> list[SittingSummary]:
    """The sittings that led to a case, oldest first, for those who may open EPISODE on it.

    Empty for everybody else. One entry with the ids; the answers stay closed to the reader.
    """
    if not cases.openable(actor, case) >= _FACTS:
        return []
    query = select(Sitting).where(
        Sitting.case_id == case.id, Sitting.facility_id == actor.facility_id
    )
    found = session.scalars(query.order_by(Sitting.opened_at)).all()
    if not found:
        return []
    ids = [sitting.id for sitting in found]
    record(
        actor,
        Action.SCREENINGS_LISTED,
        case_id=case.id,
        compartments=_FACTS,
        purpose=Purpose.CASE_WORK,
        shown=ids,
    )
    open_many(actor, ids, _FACTS)
    open_all(Sitting.sitting, found)
    names = accounts.names_of(actor, (sitting.taken_by for sitting in found))
    return [_summary(each, names.get(each.taken_by, "")) for each in found]


def _summary(sitting: Sitting, taken_by: str) -> SittingSummary:
    public = (sitting.id, sitting.opened_at, taken_by, sitting.state)
    try:
        return SittingSummary(*public, sitting.outcome, bool(sitting.answers))
    except SealBroken:
        return SittingSummary(*public, None, was_asked=False, is_readable=False)


def open_for_case(actor: Actor, case_id: UUID, sitting_id: UUID) -> tuple[Case, Sitting]:
    """Open the answers of a sitting that led to a case: one explicit act, with its entry.

    Raises NotFound, Denied without EPISODE on this case.
    """
    case = cases.get(actor, case_id)
    if not cases.openable(actor, case) >= _FACTS:
        raise Denied(case_id)
    sitting = session.scalar(
        select(Sitting).where(Sitting.id == sitting_id, Sitting.case_id == case.id)
    )
    if sitting is None:
        raise NotFound(sitting_id)
    unseal(actor, sitting, Action.SCREENING_SHOWN, Purpose.CASE_WORK)
    return case, sitting


def _waits() -> ColumnElement[bool]:
    recent = Sitting.opened_at >= clock.now() - TAKEN_UP_WITHIN
    return Sitting.state.in_(UNFINISHED) & Sitting.case_id.is_(None) & recent
