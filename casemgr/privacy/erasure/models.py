"""Erasures and legal holds. What staff typed and why something is kept is sealed (OVERSIGHT)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.cases.retention import Keeping, RecordKind
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, Versioned, enum_type
from casemgr.privacy.erasure.rules import Basis, ErasureState

_UNDECIDED = text("state IN ('requested', 'approved', 'under_way')")


class Erasure(Model, Versioned):
    """One request to erase parts of a case: asked by one person, approved by another."""

    __tablename__ = "erasure"
    __table_args__ = (
        Index(
            "uq_erasure_pending",
            "case_id",
            unique=True,
            sqlite_where=_UNDECIDED,
            postgresql_where=_UNDECIDED,
        ),
    )

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    state: Mapped[ErasureState] = mapped_column(enum_type(ErasureState), index=True)
    requested_by: Mapped[UUID | None]
    requested_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]  # when the countdown ends
    cancelled_by: Mapped[UUID | None]
    cancelled_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]  # from here on nothing opens
    live_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]

    request = SealedRecord(Compartment.OVERSIGHT, pad=256)
    basis = request.choice(Basis)
    reason = request.text()
    record_kind = request.choice(RecordKind)  # as the planning office told the officer
    decision = request.text()  # why it was refused
    cancelling = request.text()  # why it was cancelled


class ErasurePart(Model, Versioned):
    """One compartment of the case, and the answer: erased, or restricted with a reason."""

    __tablename__ = "erasure_part"
    __table_args__ = (UniqueConstraint("erasure_id", "compartment"),)
    __key_owner__ = "erasure_id"

    erasure_id: Mapped[UUID] = mapped_column(ForeignKey("erasure.id"))
    compartment: Mapped[str] = mapped_column(String(20))
    erased_at: Mapped[datetime | None]
    restricted_at: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None]

    answer = SealedRecord(Compartment.OVERSIGHT, pad=256)
    keeping = answer.choice(Keeping)  # None: it is erased
    kept_until = answer.date()
    lifting = answer.text()  # why the restriction was lifted

    @property
    def part(self) -> Compartment:
        """The compartment as a member of the enumeration."""
        return Compartment(self.compartment)


class ErasureRecipient(Model, Versioned):
    """An organisation that received something of what was erased, to be told of it."""

    __tablename__ = "erasure_recipient"
    __key_owner__ = "erasure_id"

    erasure_id: Mapped[UUID] = mapped_column(ForeignKey("erasure.id"), index=True)
    told_at: Mapped[datetime | None]
    told_by: Mapped[UUID | None]

    received = SealedRecord(Compartment.OVERSIGHT)
    organisation_id = received.uuid()
    sent_on = received.date()

    @property
    def known_organisation_id(self) -> UUID | None:
        """Which one; None also where the seal is broken, so that the page still works."""
        try:
            return self.organisation_id
        except SealBroken:
            return None


class LegalHold(Model, Versioned):
    """Nothing of this case is erased while it stands."""

    __tablename__ = "legal_hold"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    set_by: Mapped[UUID | None]
    set_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]

    hold = SealedRecord(Compartment.OVERSIGHT, pad=256)
    reason = hold.text()
    lifting = hold.text()
