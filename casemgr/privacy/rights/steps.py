"""What those who may open a part do for a request: the officer asks, and sees only who is done.

A copy is printed from the case's own pages, a correction made there; here it is said that it is done.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Select, func, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Denied, Invalid, NotFound, Permission
from casemgr.audit import Action, record
from casemgr.cases import codes, reach
from casemgr.cases.models import Case
from casemgr.cases.retention import ERASABLE
from casemgr.db import session
from casemgr.privacy.rights.models import RightsRequest, RightsStep
from casemgr.privacy.rights.requests import for_change, steps_of
from casemgr.privacy.rights.rules import UNDONE

# Who told us is never part of a copy or a correction (R25); the index of names is nobody's to print.
_NEVER = (Compartment.INFORMANT, Compartment.NAME_INDEX)
ASKABLE = tuple(part for part in ERASABLE if part not in _NEVER)


def ask_for(actor: Actor, request_id: UUID, version: int, parts: Collection[Compartment]) -> None:
    """Ask those who may open these parts. Raises Invalid on ``parts`` (no_case | asked_already)."""
    request = for_change(actor, request_id, version)
    if request.case_id is None:
        raise Invalid("parts", "no_case")
    wanted = set(parts) & set(ASKABLE) - {step.part for step in steps_of(request)}
    if not wanted:
        raise Invalid("parts", "asked_already")
    for part in wanted:
        session.add(
            RightsStep(
                facility_id=actor.facility_id,
                request_id=request.id,
                case_id=request.case_id,
                compartment=part.value,
                asked_at=clock.now(),
            )
        )
    record(
        actor,
        Action.RIGHTS_STEPS_ASKED,
        case_id=request.case_id,
        subject_kind="rights_request",
        subject_id=request.id,
        count=len(wanted),  # which parts stands in the steps: here it would read as a look at them
    )
    session.flush()


def list_mine(actor: Actor) -> list[tuple[RightsStep, RightsRequest, str]]:
    """Steps on cases whose part this actor could open, the most urgent first; codes only."""
    actor.require(Permission.RIGHTS_PREPARE)
    found = []
    for step, request in session.execute(_waiting(actor).order_by(RightsRequest.due_on)):
        if step.part in reach.openable(actor, session.get_one(Case, step.case_id)):
            found.append((step, request))
    shown = {step.case_id for step, _request in found}
    record(actor, Action.RIGHTS_STEPS_LISTED, shown=shown, count=len(found))
    known = codes.codes_of(actor, shown)
    return [(step, request, known.get(step.case_id, "")) for step, request in found]


def count_mine(actor: Actor) -> int:
    """How many steps wait on cases that this actor reaches; for the home page."""
    query = _waiting(actor).with_only_columns(func.count())
    return session.scalar(query) or 0


def finish(actor: Actor, step_id: UUID, version: int) -> None:
    """One who may open the part says that it is done. Raises NotFound, Denied, Conflict."""
    actor.require(Permission.RIGHTS_PREPARE)
    query = _waiting(actor, done_too=True).where(RightsStep.id == step_id)
    row = session.execute(query).first()
    if row is None:
        raise NotFound(step_id)
    step: RightsStep = row[0]
    if step.part not in reach.openable(actor, session.get_one(Case, step.case_id)):
        raise Denied(step_id)
    if step.version != version or step.done_at is not None:
        raise Conflict(step_id)
    step.done_at, step.done_by = clock.now(), actor.known_id
    record(
        actor,
        Action.RIGHTS_STEP_DONE,
        case_id=step.case_id,
        subject_kind="rights_step",
        subject_id=step.id,
    )
    session.flush()


def _waiting(actor: Actor, *, done_too: bool = False) -> Select[RightsStep, RightsRequest]:
    query = (
        select(RightsStep, RightsRequest)
        .join(RightsRequest, RightsRequest.id == RightsStep.request_id)
        .where(
            RightsStep.facility_id == actor.facility_id,
            RightsStep.case_id.in_(reach.reachable(actor)),
            RightsRequest.state.in_(UNDONE),
        )
    )
    return query if done_too else query.where(RightsStep.done_at.is_(None))
