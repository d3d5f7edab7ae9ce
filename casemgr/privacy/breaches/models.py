"""Breaches. Whom they concern, what happened and every reason is sealed (OVERSIGHT)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, Versioned, enum_type
from casemgr.privacy.breaches import rules
from casemgr.privacy.breaches.rules import BreachKind, BreachState, Found, Telling


class Breach(Model, Versioned):
    """One breach from its detection to its closure; only states, staff and times lie open."""

    __tablename__ = "breach"

    state: Mapped[BreachState] = mapped_column(enum_type(BreachState), index=True)
    source_item_id: Mapped[UUID | None]  # the review it came from
    detected_at: Mapped[datetime]
    due_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]
    escalated_hours: Mapped[int]  # 0, or the highest of rules.ESCALATIONS told to the director
    assessed_at: Mapped[datetime | None]
    assessed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None]
    notified_at: Mapped[datetime | None]
    notified_by: Mapped[UUID | None]
    persons_at: Mapped[datetime | None]
    measures_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]

    facts = SealedRecord(Compartment.OVERSIGHT, pad=512)
    kind = facts.choice(BreachKind)
    found_by = facts.choice(Found)
    description = facts.text()
    place = facts.text()
    data_kinds = facts.text()  # in words, beside what the log tells
    consequences = facts.text()
    measures = facts.text()
    contact = facts.text()  # who answers the authority's questions
    plain_words = facts.text()  # for the people concerned

    course = SealedRecord(Compartment.OVERSIGHT, pad=512)
    assessment = course.text()
    decision = course.text()  # why the director did not agree
    authority = course.text()
    reference = course.text()
    sender = course.text()
    lateness = course.text()
    telling = course.choice(Telling)
    telling_reason = course.text()
    measures_taken = course.text()
    closing = course.text()

    extent = SealedRecord(Compartment.OVERSIGHT, pad=512)
    account_ids = extent.strings()
    case_ids = extent.strings()
    begins_at = extent.moment()
    ends_at = extent.moment()
    counted_at = extent.moment()
    counted = extent.json()  # see extent.py
    safe_case_ids = extent.strings()  # the team says: these can be reached without danger

    @property
    def stopped_at(self) -> datetime | None:
        """When the clock stopped: notified, or the director agreed that nothing is notified."""
        if self.state in rules.CLOCK_RUNS:
            return None
        return self.notified_at or self.confirmed_at
