"""Rights requests and what is to be done for them. What was asked, and by whom, is sealed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, Versioned, enum_type
from casemgr.privacy.rights.rules import Answer, Asker, RequestState, Right


class RightsRequest(Model, Versioned):
    """One request. Days and states are public, for the clocks; the rest opens for the officer."""

    __tablename__ = "rights_request"

    case_id: Mapped[UUID | None] = mapped_column(index=True)  # no foreign key: it may be erased
    state: Mapped[RequestState] = mapped_column(enum_type(RequestState), index=True)
    received_on: Mapped[date]
    received_by: Mapped[UUID | None]
    acknowledge_by: Mapped[date]
    acknowledged_at: Mapped[datetime | None]
    due_on: Mapped[date] = mapped_column(index=True)
    extended_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    closed_at: Mapped[datetime | None]
    reminded_on: Mapped[date | None]  # the last day on which the log was told that it is late

    request = SealedRecord(Compartment.OVERSIGHT, pad=256)
    right = request.choice(Right)
    asker = request.choice(Asker)
    wording = request.text()  # what was asked, in the person's words
    checked = request.text()  # how it was made sure who asks
    reply_to = request.text()  # how the answer reaches them safely
    others_hold_it = request.boolean()  # receivers of referrals do, so the term is longer

    reply = SealedRecord(Compartment.OVERSIGHT, pad=256)
    answer = reply.choice(Answer)
    reason = reply.text()
    extension = reply.text()  # why the term was extended
    withdrawal = reply.text()
    effect = reply.text()  # what was done, for what no step tells
    erasure_id = reply.uuid()


class RightsStep(Model, Versioned):
    """Something that one who may open this compartment does for a request."""

    __tablename__ = "rights_step"
    __key_owner__ = "request_id"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("rights_request.id"), index=True)
    case_id: Mapped[UUID] = mapped_column(index=True)
    compartment: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]

    @property
    def part(self) -> Compartment:
        """The compartment as a member of the enumeration."""
        return Compartment(self.compartment)
