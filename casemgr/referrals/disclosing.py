"""What a statement for the person is told of referrals: to which organisation, and when; no fact."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from casemgr.access import Actor, Compartment, Permission, Purpose
from casemgr.access.actor import system_actor
from casemgr.access.opening import apart, open_keys
from casemgr.cases.disclosing import Sent, Teller
from casemgr.cases.models import Case
from casemgr.cases.reach import marks
from casemgr.db import session
from casemgr.referrals.models import IncomingReferral, Packet, Referral

SOCIAL = Compartment.SOCIAL
STATEMENT = "statement"  # the system actor that reads to whom, for the officer who may not


def sent(case: Case) -> Sequence[Sent]:
    """Every referral of the case that left, oldest first; nothing is opened."""
    query = (
        select(Referral.id, Referral.sent_at, Packet.id.label("packet_id"))
        .outerjoin(Packet, Packet.referral_id == Referral.id)
        .where(Referral.case_id == case.id, Referral.sent_at.is_not(None))
        .order_by(Referral.sent_at, Referral.id)
    )
    return [
        Sent(row.id, row.sent_at, frozenset({row.id, row.packet_id} - {None}))
        for row in session.execute(query)
    ]


def receivers(actor: Actor, case: Case) -> Mapping[UUID, UUID]:
    """Who received what was sent, by referral; nothing while the part is restricted or erased.

    The officer gains no key: a system actor opens in a ring of its own, on record, and only ids of
    organisations come back. Raises Denied.
    """
    actor.require(Permission.STATEMENT_PRINT)
    if any(
        mark.compartment == SOCIAL and (mark.is_restricted or mark.is_erased)
        for mark in marks(case)
    ):
        return {}
    query = select(Referral).where(Referral.case_id == case.id, Referral.sent_at.is_not(None))
    found = session.scalars(query).all()
    if not found:
        return {}
    machine = system_actor(STATEMENT, actor.facility_id, actor.channel)
    with apart():
        open_keys(machine, case.id, {SOCIAL}, purpose=Purpose.OVERSIGHT, case_id=case.id)
        known = {item.id: item.known_recipient_id for item in found}
    return {key: value for key, value in known.items() if value is not None}


def came_in(case: Case) -> Collection[UUID]:
    """What other bodies told us of the person: no statement says that they did (R25)."""
    query = select(IncomingReferral.id).where(IncomingReferral.case_id == case.id)
    return set(session.scalars(query))


TELLER = Teller(sent, receivers, came_in)
