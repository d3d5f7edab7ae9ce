"""One entry per act, and the tree over them.

No foreign key to subjects: an erased case keeps its proof.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger, String, Table, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from casemgr.audit.actions import Action, Outcome
from casemgr.db import Model, UtcDateTime, enum_type


class AuditEntry(Model):
    """Who, what, on which case, when, why. ``leaf`` holds the exact bytes that a proof covers.

    Columns beside ``leaf`` are a projection of it for queries; the verifier recomputes them.
    Triggers refuse UPDATE and DELETE (migration 0001); on SQLite they guard against accident only.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_lane", "lane", "lane_seq", unique=True),
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
    # Of leaf version 3 on; which lane, the how manieth in it, and the keyed tag over the leaf.
    lane: Mapped[UUID | None]
    lane_seq: Mapped[int | None] = mapped_column(BigInteger)
    tag: Mapped[bytes | None] = mapped_column(LargeBinary)

    if TYPE_CHECKING:
        draft: dict[str, Any]  # the leaf of an entry that is not written yet


# The log's own tables. They know no facility: there is one tree for a whole database.
# A trigger enqueues every entry that is inserted (casemgr.audit.append_only); ``xid`` is the number
# of the transaction, on PostgreSQL alone.
PENDING = Table(
    "audit_pending",
    Model.metadata,
    Column("entry_id", Uuid, primary_key=True),
    Column("xid", BigInteger, index=True),
)

# Full tiles of 256 hashes (C2SP tlog-tiles): of leaves at level 0, of whole tiles below above it.
TILE = Table(
    "audit_tile",
    Model.metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("tile_index", BigInteger, primary_key=True, autoincrement=False),
    # 256 x 32 bytes, and at level 0 then the entries' ids, 256 x 16 bytes: in one column, because
    # PostgreSQL keeps two of them apart in pieces that leave a third of each page empty.
    Column("content", LargeBinary, nullable=False),
    Column("least_id", Uuid),  # of those: where to look for an entry
    Column("greatest_id", Uuid),
    Index("ix_audit_tile_ids", "level", "least_id", "greatest_id"),
)

# One row: what does not fill a tile yet, level by level.
STATE = Table(
    "audit_state",
    Model.metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("edge", LargeBinary, nullable=False),
    Column("edge_ids", LargeBinary, nullable=False),
    Column("untagged", BigInteger, nullable=False),  # entries from before lanes and tags
)

# How far each lane is in the tree.
LANE = Table(
    "audit_lane",
    Model.metadata,
    Column("lane", Uuid, primary_key=True),
    Column("sequenced", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# Keyed by what they hold; their rows belong to the whole database and name no facility.
TABLES_OF_THE_LOG = frozenset(
    {
        *(table.name for table in (PENDING, TILE, STATE, LANE)),
        "audit_checkpoint",
        "audit_publication",
        "audit_shown",
    }
)
