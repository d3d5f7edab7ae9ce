"""Jobs, the lease of the one worker that does them, and what privacy officers are told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.db import Model, enum_type
from casemgr.work.rules import Ceremony, CeremonyState


class Job(Model):
    """Something to do later, written in the transaction that caused it. Names ids, no facts."""

    __tablename__ = "job"

    kind: Mapped[str] = mapped_column(String(40))
    ref_id: Mapped[UUID]
    run_at: Mapped[datetime] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]


class WorkerLease(Model):
    """Which worker works now, and until when it has said so. Silence shows on the duty pages."""

    __tablename__ = "worker_lease"

    name: Mapped[str] = mapped_column(String(20), unique=True)
    holder: Mapped[UUID]
    seen_at: Mapped[datetime]


class Announcement(Model):
    """That recovery shares were used: every privacy officer is told, whatever came of it."""

    __tablename__ = "announcement"

    kind: Mapped[Ceremony] = mapped_column(enum_type(Ceremony))
    state: Mapped[CeremonyState] = mapped_column(
        enum_type(CeremonyState), default=CeremonyState.BEGUN
    )
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Acknowledgement(Model):
    """That one privacy officer has taken note of one announcement, and when last."""

    __tablename__ = "acknowledgement"
    __table_args__ = (UniqueConstraint("announcement_id", "account_id"),)

    announcement_id: Mapped[UUID] = mapped_column(ForeignKey("announcement.id"))
    account_id: Mapped[UUID]
    acknowledged_at: Mapped[datetime]


class Forwarding(Model):
    """A collector of the log: the last entry that it was sent, and since when it is out of reach."""

    __tablename__ = "log_forwarding"
    __table_args__ = (UniqueConstraint("facility_id", "receiver"),)

    receiver: Mapped[str] = mapped_column(String(200))  # host:port
    last_at: Mapped[datetime | None]
    last_entry_id: Mapped[UUID | None]
    sent_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
