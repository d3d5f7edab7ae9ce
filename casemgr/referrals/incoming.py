"""What others refer to us: the hotline, the police, the border guard, another hospital (E2–E4)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Actor, Compartment, Denied, NotFound, Permission, Purpose
from casemgr.access.opening import open_keys
from casemgr.audit import Action, record
from casemgr.cases import service as cases
from casemgr.cases.models import Case
from casemgr.cases.rules import Source
from casemgr.db import session
from casemgr.referrals.models import IncomingReferral

SENDERS = (
    Source.HOTLINE_18001769,
    Source.HOTLINE_111,
    Source.POLICE,
    Source.BORDER_GUARD,
    Source.HEALTH_DEPARTMENT,
    Source.SOCIAL_CENTRE,
    Source.OTHER_HOSPITAL,
    Source.NGO,
)


def receive(
    actor: Actor,
    *,
    source: Source,
    sender: str,
    ward: str,
    care_needed: str,
    reason: str | None = None,
    called_at: datetime | None = None,
    sender_phone: str | None = None,
    document_number: str | None = None,
) -> IncomingReferral:
    """Write down what another body asks, and open the suspicion that belongs to it.

    The record has a key of its own: the case itself holds no more than its ward until there is
    consent or a lawful ground (R4a). Raises Denied.
    """
    actor.require(Permission.REFERRAL_RECEIVE)
    case = cases.open_suspicion(actor, source=source, ward=ward, contact_nurse_id=None)
    incoming = IncomingReferral(
        facility_id=actor.facility_id,
        received_by=actor.account_id,
        received_at=clock.now(),
        case_id=case.id,
    )
    open_keys(
        actor,
        incoming.id,
        {Compartment.SOCIAL},
        purpose=Purpose.REFERRAL,
        case_id=case.id,
        action=Action.REFERRAL_RECEIVED,
    )
    session.add(incoming)
    incoming.source, incoming.sender, incoming.sender_phone = source.value, sender, sender_phone
    incoming.document_number, incoming.called_at = document_number, called_at
    incoming.care_needed, incoming.reason = care_needed, reason
    session.flush()
    return incoming


def acknowledge(actor: Actor, incoming_id: UUID) -> IncomingReferral:
    """Record that the sender was told that it arrived; doing so twice changes nothing."""
    actor.require(Permission.REFERRAL_RECEIVE)
    incoming, case = _find(actor, incoming_id)
    if incoming.acknowledged_at is None:
        incoming.acknowledged_at = clock.now()
        record(
            actor,
            Action.REFERRAL_ANSWERED,
            case_id=case.id,
            subject_id=incoming.id,
            subject_kind="incoming:acknowledged",
        )
    session.flush()
    return incoming


def show(actor: Actor, incoming_id: UUID) -> tuple[IncomingReferral, Case]:
    """One incoming referral, opened, with its case. Raises NotFound, Denied."""
    actor.require(Permission.REFERRAL_RECEIVE)
    incoming, case = _find(actor, incoming_id)
    if Compartment.SOCIAL not in cases.openable(actor, case):
        raise Denied(case.id)
    open_keys(
        actor,
        incoming.id,
        {Compartment.SOCIAL},
        purpose=Purpose.REFERRAL,
        case_id=case.id,
        action=Action.REFERRAL_SHOWN,
    )
    return incoming, case


def list_incoming(
    actor: Actor, *, waiting: bool = False, offset: int = 0, limit: int = cases.PAGE_SIZE
) -> tuple[Sequence[tuple[IncomingReferral, Case]], int]:
    """A page of incoming referrals on cases in reach, newest first; public columns only.

    ``waiting`` are those whose sender was not told yet that they arrived.
    """
    actor.require(Permission.REFERRAL_RECEIVE)
    query = (
        select(IncomingReferral, Case)
        .join(Case, Case.id == IncomingReferral.case_id)
        .where(Case.id.in_(cases.reachable(actor)))
    )
    if waiting:
        query = query.where(IncomingReferral.acknowledged_at.is_(None))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    newest = query.order_by(IncomingReferral.received_at.desc()).offset(offset).limit(limit)
    found = [(row.IncomingReferral, row.Case) for row in session.execute(newest)]
    shown = {case.id for _, case in found}
    record(actor, Action.REFERRALS_LISTED, subject_kind="incoming", shown=shown, count=len(found))
    return found, total


def count_unacknowledged(actor: Actor) -> int:
    """How many senders wait to hear that their referral arrived; for the home page."""
    query = select(func.count()).select_from(IncomingReferral)
    return (
        session.scalar(
            query.where(
                IncomingReferral.acknowledged_at.is_(None),
                IncomingReferral.case_id.in_(cases.reachable(actor)),
            )
        )
        or 0
    )


def _find(actor: Actor, incoming_id: UUID) -> tuple[IncomingReferral, Case]:
    incoming = session.get(IncomingReferral, incoming_id)
    if incoming is None or incoming.case_id is None:
        raise NotFound(incoming_id)
    return incoming, cases.get(actor, incoming.case_id)
