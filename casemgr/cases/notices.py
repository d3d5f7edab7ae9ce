"""Internal notices: who must know that there is a suspicion, by code only, with acknowledgement."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, NotFound, Permission, Role
from casemgr.audit import Action, record
from casemgr.cases.models import Case, Notice
from casemgr.cases.rules import CaseState, move
from casemgr.db import session
from casemgr.work.outbox import enqueue

ESCALATE = "notice.escalate"
ACKNOWLEDGE_WITHIN = timedelta(minutes=30)  # dated setting of 2026-11, proposal (Q3)


def send(actor: Actor, case_id: UUID, role: Role) -> Notice:
    """Write a notice to everybody of one role, and the job that looks after it."""
    notice = Notice(
        facility_id=actor.facility_id, case_id=case_id, to_role=role, sent_at=clock.now()
    )
    session.add(notice)
    enqueue(actor, ESCALATE, notice.id, clock.now() + ACKNOWLEDGE_WITHIN)
    record(actor, Action.NOTICE_SENT, case_id=case_id, subject_kind=f"role:{role}")
    return notice


def waiting(actor: Actor) -> Sequence[tuple[Notice, Case]]:
    """Notices to the actor's roles that nobody acknowledged, the oldest first; on record."""
    found = _for_roles(actor, acknowledged=False)
    record(actor, Action.NOTICES_LISTED, shown=[case.id for _, case in found], count=len(found))
    return found


def count_waiting(actor: Actor) -> int:
    """How many notices wait for the actor's roles."""
    return len(_for_roles(actor, acknowledged=False))


def acknowledge(actor: Actor, notice_id: UUID) -> Notice:
    """Acknowledge one notice for one's role. Raises NotFound for another role's."""
    actor.require(Permission.NOTICE_ACKNOWLEDGE)
    notice = session.get(Notice, notice_id)
    if (
        notice is None
        or notice.facility_id != actor.facility_id
        or notice.to_role not in actor.roles
    ):
        raise NotFound(notice_id)
    # The case first, then its notices: the order in which taking a case locks them.
    case = session.get_one(Case, notice.case_id, with_for_update=True, populate_existing=True)
    session.refresh(notice)
    if notice.acknowledged_at is None:
        _acknowledge(actor, notice)
        if case.state is CaseState.SUSPECTED:
            case.state, case.changed_at = move(case.state, CaseState.REPORTED), clock.now()
            record(actor, Action.CASE_MOVED, case_id=case.id, subject_kind="state:reported")
    return notice


def acknowledge_all(actor: Actor, case_id: UUID) -> None:
    """Acknowledge what is addressed to the actor's roles on this case: taking it says so."""
    query = select(Notice).where(
        Notice.case_id == case_id,
        Notice.acknowledged_at.is_(None),
        Notice.to_role.in_([*actor.roles, Role.SOCIAL_WORKER]),
    )
    for notice in session.scalars(query):
        _acknowledge(actor, notice)


def escalate(actor: Actor, notice_id: UUID) -> None:
    """Worker: a notice that nobody acknowledged in time goes to the director as well."""
    notice = session.get(Notice, notice_id)
    if notice is None or notice.acknowledged_at is not None or notice.escalated_at is not None:
        return
    notice.escalated_at = clock.now()
    record(actor, Action.NOTICE_ESCALATED, case_id=notice.case_id, subject_id=notice.id)


def _acknowledge(actor: Actor, notice: Notice) -> None:
    notice.acknowledged_at, notice.acknowledged_by = clock.now(), actor.account_id
    record(actor, Action.NOTICE_ACKNOWLEDGED, case_id=notice.case_id, subject_id=notice.id)


def _for_roles(actor: Actor, *, acknowledged: bool) -> Sequence[tuple[Notice, Case]]:
    done = Notice.acknowledged_at.is_not(None) if acknowledged else Notice.acknowledged_at.is_(None)
    query = (
        select(Notice, Case)
        .join(Case, Case.id == Notice.case_id)
        .where(Notice.facility_id == actor.facility_id, Notice.to_role.in_(actor.roles), done)
        .order_by(Notice.sent_at)
    )
    return [(row.Notice, row.Case) for row in session.execute(query)]
