"""Lists of referrals, and the numbers that open them; public columns unless a case is opened."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Permission, Purpose
from casemgr.audit import Action, record
from casemgr.cases import service as cases
from casemgr.cases.models import Case
from casemgr.db import session
from casemgr.directory import service as directory
from casemgr.referrals.models import Referral
from casemgr.referrals.rules import ReferralState


def of_case(actor: Actor, case_id: UUID) -> tuple[Case, list[tuple[Referral, str]]]:
    """The referrals of one case with their recipients, newest first. SOCIAL is opened."""
    actor.require(Permission.REFERRAL_READ)
    case = cases.get(actor, case_id)
    cases.open_parts(actor, case, {Compartment.SOCIAL}, Purpose.REFERRAL)
    query = select(Referral).where(Referral.case_id == case.id)
    found = list(session.scalars(query.order_by(Referral.prepared_at.desc())))
    names = directory.names_of(actor, [item.known_recipient_id for item in found])
    record(actor, Action.REFERRALS_LISTED, case_id=case.id, shown=[r.id for r in found])
    return case, [(item, names.get(item.known_recipient_id, "")) for item in found]


def states_of_case(actor: Actor, case: Case) -> list[ReferralState]:
    """Where the referrals of a case stand, newest first, for its page: public columns only."""
    if not actor.may(Permission.REFERRAL_READ):
        return []
    query = select(Referral.state).where(Referral.case_id == case.id)
    return list(session.scalars(query.order_by(Referral.prepared_at.desc())))


def list_referrals(
    actor: Actor,
    *,
    states: Iterable[ReferralState] = (),
    due: bool = False,
    offset: int = 0,
    limit: int = cases.PAGE_SIZE,
) -> tuple[Sequence[tuple[Referral, Case]], int]:
    """A page of referrals on cases in reach, and how many there are; public columns only."""
    actor.require(Permission.REFERRAL_READ)
    query = (
        select(Referral, Case)
        .join(Case, Case.id == Referral.case_id)
        .where(Case.id.in_(cases.reachable(actor)))
    )
    if wanted := list(states):
        query = query.where(Referral.state.in_(wanted))
    if due:
        query = query.where(Referral.chase_at <= clock.now())
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(Referral.prepared_at.desc(), Referral.id).offset(offset).limit(limit)
    found = [(row.Referral, row.Case) for row in session.execute(newest)]
    shown = {case.id for _, case in found}
    record(actor, Action.REFERRALS_LISTED, shown=shown, count=len(found))
    return found, total


def count_to_chase(actor: Actor) -> int:
    """How many referrals in reach wait too long for an answer; for the home page."""
    query = select(func.count()).select_from(Referral)
    return (
        session.scalar(
            query.where(
                Referral.chase_at <= clock.now(),
                Referral.case_id.in_(cases.reachable(actor)),
            )
        )
        or 0
    )
