"""A referral and the packet that goes with it; and what other bodies refer to us."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, Versioned, enum_type
from casemgr.referrals.rules import ReferralState, Signer


class Referral(Model, Versioned):
    """One referral out. To whom and for what is a fact about the person, and sealed."""

    __tablename__ = "referral"
    __key_owner__ = "case_id"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    state: Mapped[ReferralState] = mapped_column(enum_type(ReferralState))
    prepared_by: Mapped[UUID | None]
    prepared_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    chase_at: Mapped[datetime | None]

    referral = SealedRecord(Compartment.SOCIAL, pad=256)
    recipient_id = referral.uuid()
    services = referral.strings()
    urgent_needs = referral.text()
    facts = referral.strings()  # which facts were chosen to go along
    signer = referral.choice(Signer)
    consent_id = referral.uuid()
    answer_note = referral.text()
    answered_by_whom = referral.text()

    @property
    def known_recipient_id(self) -> UUID | None:
        """To whom; None also where the seal is broken, so that the rest of a page still works."""
        try:
            return self.recipient_id
        except SealBroken:
            return None


class Packet(Model):
    """Exactly what the receiver sees, frozen when it was sent, under a key of its own."""

    __tablename__ = "referral_packet"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), unique=True)
    frozen_at: Mapped[datetime]

    packet = SealedRecord(Compartment.SOCIAL, pad=256)
    content = packet.json()


class IncomingReferral(Model, Versioned):
    """What another body asked of us (E2, E3): by the hotline, the police, another hospital."""

    __tablename__ = "incoming_referral"

    received_by: Mapped[UUID | None]
    received_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    case_id: Mapped[UUID | None] = mapped_column(index=True)

    incoming = SealedRecord(Compartment.SOCIAL, pad=256)
    source = incoming.text()
    sender = incoming.text()
    sender_phone = incoming.text()
    document_number = incoming.text()
    called_at = incoming.moment()
    care_needed = incoming.text()
    reason = incoming.text()
