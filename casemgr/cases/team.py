"""The care team of a case: who may open which compartments, until when."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Denied, Invalid, NotFound, Permission
from casemgr.access.roles import care_compartments_of, permissions_of
from casemgr.accounts import service as accounts
from casemgr.audit import Action, record
from casemgr.cases import service
from casemgr.cases.consenting import require_record
from casemgr.cases.models import CareTeamMember, Case, Task
from casemgr.db import session


def members(case: Case) -> Sequence[CareTeamMember]:
    """Who is on the team now, the first to join first."""
    query = select(CareTeamMember).where(
        CareTeamMember.case_id == case.id, CareTeamMember.ended_at.is_(None)
    )
    now = clock.now()
    found = session.scalars(query.order_by(CareTeamMember.added_at))
    return [member for member in found if member.expires_at is None or member.expires_at > now]


def add_member(
    actor: Actor,
    case_id: UUID,
    account_id: UUID,
    parts: Iterable[Compartment],
    expires_at: datetime | None = None,
) -> CareTeamMember:
    """Give a colleague a place on the team, with those compartments that their role can open.

    Raises Denied for oneself, or by anybody but who runs the case and the lead, NotFound for somebody of another
    facility, Invalid("account_id", "already_there"),
    Invalid("parts", "not_for_this_role"), Invalid("expires_at", "in_the_past").
    """
    actor.require(Permission.TEAM_WRITE)
    case = service.get_for_change(actor, case_id)
    require_record(case)
    _require_running(actor, case)
    if account_id == actor.account_id:
        raise Denied(case_id)  # nobody gives themselves a place: they take the case
    person = accounts.colleague(actor, account_id)
    wanted = frozenset(parts)
    if any(member.account_id == account_id for member in members(case)):
        raise Invalid("account_id", "already_there")
    if not wanted or not wanted <= care_compartments_of(person.roles):
        raise Invalid("parts", "not_for_this_role")
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid("expires_at", "in_the_past")
    member = service.add_membership(actor, case.id, account_id, wanted, expires_at)
    session.flush()
    return member


def remove_member(actor: Actor, case_id: UUID, member_id: UUID) -> None:
    """End somebody's place in this transaction; their next request is refused.

    Raises Invalid("member", "assignee_stays") for the one who runs the case.
    """
    actor.require(Permission.TEAM_WRITE)
    case = service.get_for_change(actor, case_id)
    member = session.get(CareTeamMember, member_id)
    if member is None or member.case_id != case.id:
        raise NotFound(member_id)
    if member.account_id != actor.account_id:
        _require_running(actor, case)
    if member.account_id == case.assignee_id:
        raise Invalid("member", "assignee_stays")
    if member.ended_at is None:
        member.ended_at = clock.now()
        for task in session.scalars(_open_tasks(case, member.account_id)):
            task.assignee_id = case.assignee_id  # nothing falls off every desk
        record(
            actor,
            Action.MEMBER_REMOVED,
            case_id=case.id,
            subject_kind="account",
            subject_id=member.account_id,
        )
    session.flush()


def places(actor: Actor) -> Sequence[tuple[UUID, UUID]]:
    """Who is on the team of which case now: (account, case). For the access review: codes only."""
    query = select(CareTeamMember.account_id, CareTeamMember.case_id).where(
        CareTeamMember.facility_id == actor.facility_id,
        CareTeamMember.ended_at.is_(None),
        or_(CareTeamMember.expires_at.is_(None), CareTeamMember.expires_at > clock.now()),
    )
    rows = session.execute(query.order_by(CareTeamMember.added_at))
    return [(row.account_id, row.case_id) for row in rows]


def may_change(actor: Actor, case: Case) -> bool:
    """Whether the actor decides who is on the team: who runs the case, and the lead."""
    return actor.leads or actor.account_id == case.assignee_id


def _require_running(actor: Actor, case: Case) -> None:
    if not may_change(actor, case):
        raise Denied(case.id)


def _open_tasks(case: Case, account_id: UUID) -> Select[Task]:
    mine = (Task.case_id == case.id, Task.assignee_id == account_id, Task.done_at.is_(None))
    return select(Task).where(*mine)


def hand_over(actor: Actor, case_id: UUID, account_id: UUID) -> None:
    """The lead gives a case to another social worker, who then runs it.

    The earlier one keeps a place on the team until somebody ends it.

    Raises Denied for anybody but the lead, NotFound, Invalid("to_id", "not_for_this_role").
    """
    actor.require(Permission.CASE_HAND_OVER)
    case = service.get_for_change(actor, case_id)
    person = accounts.colleague(actor, account_id)
    if case.assignee_id is None or Permission.CASE_TAKE not in permissions_of(person.roles):
        raise Invalid("to_id", "not_for_this_role")
    case.assignee_id, case.changed_at = person.id, clock.now()
    service.add_membership(actor, case.id, person.id, service.running_parts(person.roles))
    record(
        actor,
        Action.CASE_HANDED_OVER,
        case_id=case.id,
        subject_kind="account",
        subject_id=person.id,
    )
    session.flush()
