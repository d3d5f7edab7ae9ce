"""What the director is told: notices to others that nobody acknowledged in time, by code only."""

from collections.abc import Sequence

from sqlalchemy import func, select

from casemgr.access import Actor, Role
from casemgr.audit import Action, record
from casemgr.cases.models import Case, Notice
from casemgr.db import session


def escalated(actor: Actor) -> Sequence[tuple[Notice, Case]]:
    """For the director: notices to others that were not acknowledged in time (Q3), oldest first.

    They stay with those who must act; the director sees that nobody did. The list is on record.
    """
    if Role.DIRECTOR not in actor.roles:
        return []
    query = (
        select(Notice, Case)
        .join(Case, Case.id == Notice.case_id)
        .where(
            Notice.facility_id == actor.facility_id,
            Notice.to_role.not_in(actor.roles),
            Notice.escalated_at.is_not(None),
            Notice.acknowledged_at.is_(None),
        )
        .order_by(Notice.sent_at)
    )
    found = [(row.Notice, row.Case) for row in session.execute(query)]
    record(actor, Action.NOTICES_LISTED, shown=[case.id for _, case in found], count=len(found))
    return found


def count_escalated(actor: Actor) -> int:
    """How many notices to others nobody acknowledged in time; 0 for all but the director."""
    if Role.DIRECTOR not in actor.roles:
        return 0
    query = select(func.count(Notice.id)).where(
        Notice.facility_id == actor.facility_id,
        Notice.to_role.not_in(actor.roles),
        Notice.escalated_at.is_not(None),
        Notice.acknowledged_at.is_(None),
    )
    return session.scalar(query) or 0
