"""What goes with an erased case: its packets and incoming referrals; and who holds a copy.

Being referred does not keep anything: an open referral is no release to an authority, and whoever
received it is told. A packet tells facts of three compartments and goes with the first of them.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access import Actor, Compartment, Purpose
from casemgr.access.opening import open_keys
from casemgr.cases.erasing import Belongings, Parts, Received
from casemgr.cases.models import Case
from casemgr.db import session
from casemgr.referrals.facts import FACTS
from casemgr.referrals.models import IncomingReferral, Packet, Referral
from casemgr.referrals.rules import MOVES, ReferralState, move

TOLD = frozenset(fact.compartment for fact in FACTS.values())  # what a packet can hold
SOCIAL = Compartment.SOCIAL


def on_erasure(actor: Actor, case: Case, parts: Parts, _cause_id: UUID) -> Belongings:
    """Hook of the cases room, called before anything is erased."""
    if not parts & TOLD:
        return Belongings()
    query = select(Referral).where(Referral.case_id == case.id).order_by(Referral.prepared_at)
    referrals = session.scalars(query).all()
    received = _received(actor, case, referrals)
    _end(referrals)
    sent = select(Packet.id).where(Packet.referral_id.in_([item.id for item in referrals]))
    owners = set(session.scalars(sent))
    if SOCIAL in parts:
        came_in = select(IncomingReferral.id).where(IncomingReferral.case_id == case.id)
        owners |= set(session.scalars(came_in))
    return Belongings(frozenset((owner, SOCIAL.value) for owner in owners), received)


def _received(actor: Actor, case: Case, referrals: Sequence[Referral]) -> tuple[Received, ...]:
    """Each organisation once, with the day of the last referral that it received."""
    sent = [item for item in referrals if item.sent_at is not None]
    if not sent:
        return ()
    open_keys(actor, case.id, {SOCIAL}, purpose=Purpose.ERASURE, case_id=case.id)
    last = {
        item.known_recipient_id: clock.to_local(item.sent_at).date()
        for item in sorted(sent, key=lambda item: item.sent_at or item.prepared_at)
        if item.sent_at is not None
    }
    return tuple(Received(organisation_id, day) for organisation_id, day in last.items())


def _end(referrals: Sequence[Referral]) -> None:
    """Nothing is waited for any more."""
    for referral in referrals:
        referral.chase_at = None
        if ReferralState.WITHDRAWN in MOVES[referral.state]:
            referral.state = move(referral.state, ReferralState.WITHDRAWN)
