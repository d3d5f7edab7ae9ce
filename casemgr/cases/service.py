"""Finding, opening and moving cases: the scoped loader and the decision what may be opened."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from casemgr import clock
from casemgr.access import Actor, Compartment, Conflict, Denied, NotFound, Permission, Purpose, Role
from casemgr.access.opening import open_keys
from casemgr.access.roles import ROLES, compartments_of
from casemgr.audit import Action, record
from casemgr.cases import notices, part_marks, rules, search
from casemgr.cases.facets import Facts
from casemgr.cases.models import CareTeamMember, Case
from casemgr.cases.reach import (
    UNTAKEN,
    openable,
    openable_ids,
    openable_once_reopened,
    reachable,
)
from casemgr.cases.rules import CaseState, Group, Source
from casemgr.db import new_id, session
from casemgr.directory.service import the_facility

__all__ = [
    "openable",
    "openable_once_reopened",
    "reachable",
]  # asked for through this service; they stand in reach.py

PAGE_SIZE = 50


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


def list_cases(
    actor: Actor,
    *,
    states: Iterable[CaseState] = (),
    mine: bool = False,
    untaken: bool = False,
    facets: Iterable[str] = (),
    page: int = 1,
) -> list[Case]:
    """A page of cases in reach, the latest change first, as one entry with the ids shown.

    ``facets`` are terms of the in-memory index ("group:P2"): facts are never columns (design §4).
    """
    return list_page(actor, states=states, mine=mine, untaken=untaken, facets=facets, page=page)[0]


def list_page(
    actor: Actor,
    *,
    states: Iterable[CaseState] = (),
    mine: bool = False,
    untaken: bool = False,
    facets: Iterable[str] = (),
    page: int = 1,
) -> tuple[list[Case], int]:
    """As list_cases, and how many there are in all. Raises Denied for facts one may not read."""
    actor.require(Permission.CASE_LIST)
    if facets and Compartment.SOCIAL not in actor.compartments:
        raise Denied(Permission.CASE_LIST)
    query = _wanted(actor, states=states, mine=mine, untaken=untaken)
    newest = query.order_by(Case.changed_at.desc(), Case.id)
    first = (page - 1) * PAGE_SIZE
    if terms := list(facets):
        having = search.with_facets(actor, terms) & openable_ids(actor, Compartment.SOCIAL)
        ids = [case_id for case_id in session.scalars(newest) if case_id in having]
        total, shown = len(ids), ids[first : first + PAGE_SIZE]
    else:
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        shown = list(session.scalars(newest.limit(PAGE_SIZE).offset(first)))
    asked = [Compartment.SOCIAL] if facets else []
    record(actor, Action.CASES_LISTED, shown=shown, count=len(shown), compartments=asked)
    return _in_order(shown), total


def count_cases(
    actor: Actor,
    *,
    states: Iterable[CaseState] = (),
    mine: bool = False,
    untaken: bool = False,
) -> int:
    """How many cases in reach; the number that the home page shows beside its list."""
    query = _wanted(actor, states=states, mine=mine, untaken=untaken)
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def search_cases(actor: Actor, text: str, facts: Facts | None = None) -> list[Case]:
    """Cases in reach that this text and these facts find, the best first. Raises Invalid."""
    found, similar = find_cases(actor, text, facts)
    return found + similar


def find_cases(
    actor: Actor, text: str, facts: Facts | None = None
) -> tuple[list[Case], list[Case]]:
    """Cases in reach that this text and these facts find, the best first (search.search).

    Apart from them those that fit only if a word was mistyped. Raises Invalid.
    """
    actor.require(Permission.CASE_SEARCH)
    everywhere = actor.compartments_everywhere
    identity, contact = Compartment.IDENTITY, Compartment.CONTACT
    reach = search.Reach(
        cases=None if actor.leads else frozenset(session.scalars(reachable(actor))),
        identities=None if identity in everywhere else openable_ids(actor, identity),
        contacts=None if contact in everywhere else openable_ids(actor, contact),
    )
    found = search.search(actor, text, reach, facts)
    return _in_order(found.cases), _in_order(found.similar)


def _wanted(
    actor: Actor, *, states: Iterable[CaseState], mine: bool, untaken: bool
) -> Select[UUID]:
    query = reachable(actor)
    if chosen := list(states):
        query = query.where(Case.state.in_(chosen))
    if mine:
        query = query.where(Case.assignee_id == actor.account_id)
    if untaken:
        query = query.where(Case.assignee_id.is_(None), Case.state.in_(UNTAKEN))
    return query


def _in_order(ids: list[UUID]) -> list[Case]:
    found = {case.id: case for case in session.scalars(select(Case).where(Case.id.in_(ids)))}
    return [found[case_id] for case_id in ids]


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


def running_parts(roles: Iterable[Role]) -> frozenset[Compartment]:
    """What comes with running a case: the compartments of the roles that may, of no second one."""
    runs = frozenset(role for role in roles if Permission.CASE_TAKE in ROLES[role].permissions)
    return compartments_of(runs)


def add_membership(
    actor: Actor,
    case_id: UUID,
    account_id: UUID,
    parts: Iterable[Compartment],
    expires_at: datetime | None = None,
) -> CareTeamMember:
    """Give somebody their place on the care team; the caller has checked that it may be given.

    Nobody has two: an earlier or expired place ends here, in the same transaction.
    """
    _end_place(actor, case_id, account_id)
    member = CareTeamMember(
        facility_id=actor.facility_id,
        case_id=case_id,
        account_id=account_id,
        compartments=" ".join(sorted(parts)),
        added_by=actor.account_id,
        added_at=clock.now(),
        expires_at=expires_at,
    )
    session.add(member)
    record(
        actor,
        Action.MEMBER_ADDED,
        case_id=case_id,
        subject_kind="account",
        subject_id=account_id,
        compartments=parts,
    )
    return member


def _end_place(actor: Actor, case_id: UUID, account_id: UUID) -> None:
    places = select(CareTeamMember).where(
        CareTeamMember.case_id == case_id,
        CareTeamMember.account_id == account_id,
        CareTeamMember.ended_at.is_(None),
    )
    for place in session.scalars(places):
        place.ended_at = clock.now()
        record(
            actor,
            Action.MEMBER_REMOVED,
            case_id=case_id,
            subject_kind="account",
            subject_id=account_id,
        )
    session.flush()


def _code_prefix() -> str:
    facility = the_facility()
    return facility.code_prefix if facility else "BV"


def _unused(column: InstrumentedAttribute[str], make: Callable[[], str]) -> str:
    """A random code that no case has. Clashes are rare; the unique constraint has the last word."""
    candidate = make()
    while session.scalar(select(column).where(column == candidate)) is not None:
        candidate = make()
    return candidate
