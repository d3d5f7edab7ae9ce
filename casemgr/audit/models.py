"""One entry per act. No foreign key to subjects: an erased case keeps its proof."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.audit.actions import Action, Outcome
from casemgr.db import Model, enum_type


class AuditEntry(Model):
    """Who, what, on which case, when, why. ``leaf`` holds the exact bytes that a proof covers.

    Columns beside ``leaf`` are a projection of it for queries; the verifier recomputes them.
    Triggers refuse UPDATE and DELETE (migration 0001); on SQLite they guard against accident only.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_newest", "facility_id", "at", "id"),
        Index("ix_audit_entry_case", "case_id", "at"),
        Index("ix_audit_entry_account", "account_id", "at"),
    )

    at: Mapped[datetime]
    account_id: Mapped[UUID | None]
    acting_as: Mapped[str] = mapped_column(String(200))  # roles, or the system actor's name
    action: Mapped[Action] = mapped_column(enum_type(Action))
    outcome: Mapped[Outcome] = mapped_column(enum_type(Outcome))
    case_id: Mapped[UUID | None]
    subject_kind: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[UUID | None]
    compartments: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str | None] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(10))  # web | worker | command
    session_ref: Mapped[UUID | None]
    address: Mapped[str | None] = mapped_column(String(45))
    request_id: Mapped[UUID | None]
    count: Mapped[int | None]
    leaf_version: Mapped[int]
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
