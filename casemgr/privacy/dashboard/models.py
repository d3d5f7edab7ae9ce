"""Sums of the log per day, and the reports that were made from them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.access import Compartment
from casemgr.audit import Action, Outcome
from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model, enum_type


class LogDay(Model):
    """How often one act ended so on one day of the hospital: who and on what is left out."""

    __tablename__ = "log_day"
    __table_args__ = (UniqueConstraint("facility_id", "day", "action", "outcome"),)

    day: Mapped[date]
    action: Mapped[Action] = mapped_column(enum_type(Action))
    outcome: Mapped[Outcome] = mapped_column(enum_type(Outcome))
    acts: Mapped[int]


class MonthlyReport(Model):
    """What the officer reported to the director for a period: numbers only, written once."""

    __tablename__ = "monthly_report"

    first_day: Mapped[date]
    last_day: Mapped[date]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]

    report = SealedRecord(Compartment.OVERSIGHT, pad=512)
    numbers = report.json()  # {name: text}, small numbers already left out
