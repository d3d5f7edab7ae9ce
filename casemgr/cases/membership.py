"""Places on the care team: what comes with running a case, and that nobody has two."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Permission, Role
from casemgr.access.roles import ROLES, compartments_of
from casemgr.audit import Action, record
from casemgr.cases.models import CareTeamMember
from casemgr.db import session


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
