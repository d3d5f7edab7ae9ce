"""Statements that were made, and what is withheld from them. What was answered is sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, Versioned
from casemgr.privacy.statement.rules import Receiver


class Statement(Model, Versioned):
    """One statement: as of when, by whom. Its lines are read from the log again, up to ``made_at``."""

    __tablename__ = "statement"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    made_by: Mapped[UUID | None]
    made_at: Mapped[datetime]

    answers = SealedRecord(Compartment.OVERSIGHT, pad=256)
    receiver = answers.choice(Receiver)
    is_conflicted = answers.boolean()  # the guardian; None where the person asks
    is_safe_to_hold = answers.boolean()
    named = answers.strings()  # accounts whose names are told
    naming_reason = answers.text()


class WithheldDisclosure(Model, Versioned):
    """What no statement tells until a day: secrecy of an investigation, on a recorded ground."""

    __tablename__ = "withheld_disclosure"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    recorded_by: Mapped[UUID | None]
    recorded_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]

    withholding = SealedRecord(Compartment.OVERSIGHT, pad=256)
    ground = withholding.text()  # a name of rules.GROUNDS
    reference = withholding.text()  # number and day of the authority's paper
    starts_on = withholding.date()
    ends_on = withholding.date()
    records = withholding.strings()  # ids of what was sent
    parts = withholding.strings()
