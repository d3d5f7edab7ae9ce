"""One sitting: a nurse asks one person with one instrument.

Its facts are sealed under a key of its own, so that linking it to a case never seals anything
again (design §4).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, Versioned, enum_type
from casemgr.screenings.rules import Outcome, SittingState


class Sitting(Model, Versioned):
    """A screening: safety checks, answers, outcome."""

    __tablename__ = "screening"

    taken_by: Mapped[UUID] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    state: Mapped[SittingState] = mapped_column(enum_type(SittingState))
    case_id: Mapped[UUID | None] = mapped_column(index=True)

    sitting = SealedRecord(Compartment.EPISODE)
    department = sitting.text()
    is_alone = sitting.boolean()
    limits_explained = sitting.boolean()
    age_youngest = sitting.integer()
    age_oldest = sitting.integer()
    instrument_slug = sitting.text()
    instrument_version = sitting.text()
    answers = sitting.json()
    outcome = sitting.choice(Outcome)
    staff_concern = sitting.text()


class SittingCount(Model, Versioned):
    """What the erased sittings of one department and month came to; the facility's own key."""

    __tablename__ = "screening_count"
    __key_owner__ = "facility_id"

    month: Mapped[str] = mapped_column(String(7), index=True)  # 2026-11

    sitting_count = SealedRecord(Compartment.EPISODE, pad=256)
    department = sitting_count.text()
    counts = sitting_count.json()  # instrument, version and outcome: how many
