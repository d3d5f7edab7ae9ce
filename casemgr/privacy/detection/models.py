"""What officers set, how far the rules have looked, counts, dry runs, and facts about staff."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, Versioned, enum_type
from casemgr.privacy.detection.rules.every import Pace


class DetectionSetting(Model):
    """That an officer switched a rule or moved its numbers. The newest of a rule counts."""

    __tablename__ = "detection_setting"

    rule: Mapped[str] = mapped_column(String(30), index=True)
    is_on: Mapped[bool]
    numbers: Mapped[str] = mapped_column(String(200))  # "cases=1 score=50"
    set_by: Mapped[UUID | None]
    set_at: Mapped[datetime]

    setting = SealedRecord(Compartment.OVERSIGHT, pad=256)
    reason = setting.text()


class DetectionProgress(Model, Versioned):
    """Until when the rules of one pace have looked at the log."""

    __tablename__ = "detection_progress"
    __table_args__ = (UniqueConstraint("facility_id", "pace"),)

    pace: Mapped[Pace] = mapped_column(enum_type(Pace))
    done_until: Mapped[datetime]


class DetectionFlag(Model):
    """That some rule told of this entry; kept until the day's random sample is drawn."""

    __tablename__ = "detection_flag"
    __table_args__ = (UniqueConstraint("facility_id", "entry_id"),)

    entry_id: Mapped[UUID]
    day: Mapped[date] = mapped_column(index=True)


class DetectionSample(Model):
    """How the random sample of one day was drawn, so that it can be drawn again."""

    __tablename__ = "detection_sample"
    __table_args__ = (UniqueConstraint("facility_id", "day"),)

    day: Mapped[date]
    seed: Mapped[str] = mapped_column(String(64))  # SHA-256 over the day's leaves, hexadecimal
    drawn_from: Mapped[int]  # accesses by colleague and case that no rule told of
    drawn: Mapped[int]


class DetectionTrial(Model, Versioned):
    """A dry run of one rule with some numbers over the last 90 days: what it would have told."""

    __tablename__ = "detection_trial"

    rule: Mapped[str] = mapped_column(String(30), index=True)
    numbers: Mapped[str] = mapped_column(String(200))
    asked_by: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    first_day: Mapped[date]
    next_day: Mapped[date]  # the first that was not looked at yet
    last_day: Mapped[date]
    weeks: Mapped[str] = mapped_column(String(400), default="")  # "signals/people …", oldest first
    done_at: Mapped[datetime | None]


class StaffFacts(Model, Versioned):
    """What a colleague can be compared by. Under a key of the account, opened for detection alone."""

    __tablename__ = "staff_facts"
    __key_owner__ = "account_id"
    __table_args__ = (UniqueConstraint("account_id"),)

    account_id: Mapped[UUID]

    facts = SealedRecord(Compartment.IDENTITY, pad=256)
    full_name = facts.text()
    national_id = facts.text()
    insurance_number = facts.text()
    phone = facts.text()
    emergency_phone = facts.text()
    address = facts.text()
    born_on = facts.date()
    ends_on = facts.date()  # last day of work
