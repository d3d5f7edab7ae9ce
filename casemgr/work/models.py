"""Jobs, and the lease of the one worker that does them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.db import Model


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
