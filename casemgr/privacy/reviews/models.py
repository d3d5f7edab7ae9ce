"""Reviews. Which rule found what, what was asked, answered, decided and done is sealed (OVERSIGHT).

Open lie whom a review is about, which day and case, and where it stands: lists need them, and the
log tells as much. The rule's name is sealed as well: "same family name" about a case is a fact.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, Versioned, enum_type
from casemgr.privacy.reviews.rules import (
    AccessAnswer,
    AccessKind,
    MeasureKind,
    ReviewKind,
    ReviewState,
    Verdict,
)

_OPEN = text("state <> 'closed' AND kind IN ('alert', 'sample')")


class ReviewItem(Model, Versioned):
    """What one colleague did on one day, or what they hold, to be looked at again."""

    __tablename__ = "review_item"
    __outlives_its_values__ = True
    __table_args__ = (
        # one open alert for a colleague and a day, whoever raises at the same time
        Index(
            "uq_review_item_open",
            "facility_id",
            "kind",
            "about_id",
            "day",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    kind: Mapped[ReviewKind] = mapped_column(enum_type(ReviewKind))
    state: Mapped[ReviewState] = mapped_column(enum_type(ReviewState), index=True)
    about_id: Mapped[UUID | None] = mapped_column(index=True)  # None: the system, or a department
    day: Mapped[date]  # the hospital's day of the act; of an access review, its month's first
    happened_at: Mapped[datetime | None]  # when the glass was broken
    case_id: Mapped[UUID | None]  # of a broken glass; other signals name their own
    department: Mapped[str | None] = mapped_column(String(40))  # whose access is reviewed
    raised_at: Mapped[datetime]
    due_at: Mapped[datetime]
    assigned_to: Mapped[UUID | None]
    assigned_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    escalated_by: Mapped[UUID | None]  # None: its term was over
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]

    escalation = SealedRecord(Compartment.OVERSIGHT, pad=256)
    escalation_reason = escalation.text()
    conclusion = SealedRecord(Compartment.OVERSIGHT, pad=256)
    verdict = conclusion.choice(Verdict)
    verdict_reason = conclusion.text()


class ReviewSignal(Model):
    """What one rule found; written once."""

    __tablename__ = "review_signal"
    __key_owner__ = "item_id"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("review_item.id"), index=True)
    case_id: Mapped[UUID | None]
    raised_at: Mapped[datetime]

    finding = SealedRecord(Compartment.OVERSIGHT, pad=256)
    rule = finding.text()
    score = finding.integer()
    reason = finding.json()  # what the sentence of the rule needs
    entries = finding.strings()  # ids of the entries of the log


class ReviewQuestion(Model, Versioned):
    """What the colleague was asked, and their answer. Its key opens nothing else of the review."""

    __tablename__ = "review_question"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("review_item.id"), index=True)
    to_id: Mapped[UUID] = mapped_column(index=True)
    asked_by: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    asking = SealedRecord(Compartment.OVERSIGHT, pad=256)
    question = asking.text()
    entries = asking.strings()  # what of their own acts the colleague is shown
    replying = SealedRecord(Compartment.OVERSIGHT, pad=256)
    answer = replying.text()


class ReviewMeasure(Model):
    """What was done about it; written once."""

    __tablename__ = "review_measure"
    __key_owner__ = "item_id"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("review_item.id"), index=True)
    taken_by: Mapped[UUID | None]
    taken_at: Mapped[datetime]

    measure = SealedRecord(Compartment.OVERSIGHT, pad=256)
    what = measure.choice(MeasureKind)
    words = measure.text()


class AccessLine(Model):
    """One thing that one colleague holds, as it was when the month's review began."""

    __tablename__ = "review_access"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("review_item.id"), index=True)
    account_id: Mapped[UUID]
    kind: Mapped[AccessKind] = mapped_column(enum_type(AccessKind))
    role: Mapped[str | None] = mapped_column(String(40))
    case_id: Mapped[UUID | None]
    answer: Mapped[AccessAnswer | None] = mapped_column(enum_type(AccessAnswer))
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
