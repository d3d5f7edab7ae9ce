"""Opening and moving cases: the scoped loader and the decision what may be opened."""

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Denied, NotFound, Permission, Purpose, Role
from casemgr.access.opening import open_keys
from casemgr.audit import Action, record
from casemgr.cases import notices, part_marks, rules, search
from casemgr.cases.finding import find_cases, search_cases
from casemgr.cases.lists import PAGE_SIZE, count_cases, list_cases, list_page
from casemgr.cases.membership import add_membership, running_parts
from casemgr.cases.models import Case
from casemgr.cases.reach import openable, openable_once_reopened, reachable
from casemgr.cases.rules import CaseState, Group, Source
from casemgr.db import new_id, session
from casemgr.directory.service import the_facility

__all__ = [
    "PAGE_SIZE",
    "add_membership",
    "count_cases",
    "find_cases",
    "list_cases",
    "list_page",
    "openable",
    "openable_once_reopened",
    "reachable",
    "running_parts",
    "search_cases",
]  # asked for through this service; they stand in reach, lists, finding and membership


def get(actor: Actor, case_id: UUID) -> Case:
    """The case, if it exists for this actor. Raises NotFound, Denied without the permission."""
    actor.require(Permission.CASE_READ)
    case = session.scalar(select(Case).where(Case.id == case_id, Case.id.in_(reachable(actor))))
    if case is None:
        raise NotFound(case_id)
    return case


def get_for_change(actor: Actor, case_id: UUID, version: int | None = None) -> Case:
    """The case, locked until the transaction ends: what depends on it cannot change meanwhile.

    Raises Conflict when ``version`` is no longer current.
    """
    case = get(actor, case_id)
    session.refresh(case, with_for_update=True)
    if version is not None and case.version != version:
        raise Conflict(case_id)
    return case


def open_parts(actor: Actor, case: Case, parts: Iterable[Compartment], purpose: Purpose) -> None:
    """Open compartments of a case for this session, on record. Raises Denied.

    Opening is the only way to their sealed attributes (I1).
    """
    wanted = frozenset(parts)
    if not wanted <= openable(actor, case):
        raise Denied(case.id)
    open_keys(actor, case.id, wanted, purpose=purpose, case_id=case.id)


def show_case(actor: Actor, case_id: UUID) -> Case:
    """The case with what its page shows by itself: the social part, if this actor may open it."""
    case = get(actor, case_id)
    parts = openable(actor, case) & {Compartment.SOCIAL}
    record(actor, Action.CASE_SHOWN, case_id=case.id)
    if parts:
        open_parts(actor, case, parts, Purpose.CASE_WORK)
    return case


def open_case(
    actor: Actor, case_id: UUID, parts: Iterable[Compartment], purpose: Purpose = Purpose.CASE_WORK
) -> Case:
    """The case with these compartments open, for a page of its own. Raises NotFound, Denied."""
    case = get(actor, case_id)
    open_parts(actor, case, parts, purpose)
    return case


def may_open(actor: Actor, case: Case, part: Compartment) -> None:
    """Raise Denied unless this actor could open the compartment, once they say for what."""
    if part not in openable(actor, case):
        raise Denied(case.id)


def open_suspicion(
    actor: Actor, *, source: Source, ward: str, contact_nurse_id: UUID | None
) -> Case:
    """Open a suspicion: a code, a code name, ward and contact nurse; and tell those who must act.

    Nothing else can be written until there is consent (R4a) or a lawful ground.
    """
    now = clock.now()
    case = Case(
        id=new_id(),
        facility_id=actor.facility_id,
        code=_unused(Case.code, lambda: rules.new_code(_code_prefix())),
        code_name=_unused(Case.code_name, rules.new_code_name),
        state=CaseState.SUSPECTED,
        opened_at=now,
        changed_at=now,
    )
    session.add(case)
    session.flush()
    open_keys(
        actor,
        case.id,
        {Compartment.SOCIAL},
        purpose=Purpose.SCREENING,
        case_id=case.id,
        action=Action.CASE_OPENED,
    )
    case.source, case.ward, case.contact_nurse_id = source, ward, contact_nurse_id
    case.group = Group.SUSPECTED
    for role in (Role.SOCIAL_WORK_LEAD, Role.SOCIAL_WORKER, Role.DIRECTOR):
        notices.send(actor, case.id, role)
    search.note_change(actor, case.id)
    session.flush()
    return case


def move_case(actor: Actor, case: Case, wanted: CaseState) -> None:
    """Move the workflow. Raises rules.ForbiddenMove; a case at rest gets its retention (I7)."""
    if case.state in rules.AT_REST:
        part_marks.note_reopening(case)
    case.state = rules.move(case.state, wanted)
    case.changed_at = clock.now()
    at_rest = wanted in rules.AT_REST
    case.closed_at = clock.now() if at_rest else None
    case.keep_until = (
        clock.today() + rules.RETENTION_AFTER_REFUSAL if wanted is CaseState.REFUSED else None
    )
    record(actor, Action.CASE_MOVED, case_id=case.id, subject_kind=f"state:{wanted.value}")


def take_case(actor: Actor, case_id: UUID) -> Case:
    """A social worker takes a case that nobody has; the care team begins with them.

    Raises NotFound, or Conflict when somebody was faster.
    """
    actor.require(Permission.CASE_TAKE)
    case = get_for_change(actor, case_id)
    if case.assignee_id is not None or case.state in rules.AT_REST:
        raise Conflict(case_id)
    case.assignee_id, case.changed_at = actor.known_id, clock.now()
    add_membership(actor, case.id, actor.known_id, running_parts(actor.roles))
    notices.acknowledge_all(actor, case.id)
    record(actor, Action.CASE_TAKEN, case_id=case.id)
    if case.state is CaseState.SUSPECTED:
        move_case(actor, case, CaseState.REPORTED)
    session.flush()
    return case


def _code_prefix() -> str:
    facility = the_facility()
    return facility.code_prefix if facility else "BV"


def _unused(column: InstrumentedAttribute[str], make: Callable[[], str]) -> str:
    """A random code that no case has. Clashes are rare; the unique constraint has the last word."""
    candidate = make()
    while session.scalar(select(column).where(column == candidate)) is not None:
        candidate = make()
    return candidate
