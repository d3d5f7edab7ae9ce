"""The provable log: lanes, tags, tree, pending entries

Entries from before stay as they are; they wait for the sequencer, which takes them first. Every
business table gets its trigger from migrations/env.py, which asks after each migration.
"""

import sqlalchemy as sa
from alembic import op

from casemgr.audit import append_only, entry_trigger

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The provable log: lanes, tags, tree, pending entries"""
    dialect = op.get_bind().dialect.name
    # No batch: on SQLite it would copy the table and lose the triggers that guard it.
    op.add_column("audit_entry", sa.Column("lane", sa.Uuid(), nullable=True))
    op.add_column("audit_entry", sa.Column("lane_seq", sa.BigInteger(), nullable=True))
    op.add_column("audit_entry", sa.Column("tag", sa.LargeBinary(), nullable=True))
    op.create_index("ix_audit_entry_lane", "audit_entry", ["lane", "lane_seq"], unique=True)
    op.create_table(
        "audit_pending",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_pending")),
    )
    op.create_index(op.f("ix_audit_pending_xid"), "audit_pending", ["xid"])
    op.create_table(
        "audit_tile",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("tile_index", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("least_id", sa.Uuid(), nullable=True),
        sa.Column("greatest_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("level", "tile_index", name=op.f("pk_audit_tile")),
    )
    if dialect == "postgresql":
        op.execute("ALTER TABLE audit_tile ALTER COLUMN content SET STORAGE EXTERNAL")  # noise
    op.create_index("ix_audit_tile_ids", "audit_tile", ["level", "least_id", "greatest_id"])
    op.create_table(
        "audit_state",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("edge", sa.LargeBinary(), nullable=False),
        sa.Column("edge_ids", sa.LargeBinary(), nullable=False),
        sa.Column("untagged", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_state")),
    )
    op.create_table(
        "audit_lane",
        sa.Column("lane", sa.Uuid(), nullable=False),
        sa.Column("sequenced", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_audit_lane")),
    )
    _fill(dialect)
    for statement in (
        *append_only.enqueue(dialect),
        *append_only.guard(dialect, "audit_tile"),
        *(entry_trigger.install() if dialect == "postgresql" else ()),
    ):
        op.execute(statement)


def _fill(dialect: str) -> None:
    """What is there already waits for the tree."""
    empty = "''::bytea" if dialect == "postgresql" else "x''"
    op.execute("INSERT INTO audit_pending (entry_id) SELECT id FROM audit_entry")
    op.execute(
        "INSERT INTO audit_state (id, size, edge, edge_ids, untagged) "  # noqa: S608 - our own words
        f"SELECT 1, 0, {empty}, {empty}, count(*) FROM audit_entry"
    )


def downgrade() -> None:
    """Take it back"""
    dialect = op.get_bind().dialect.name
    for statement in (
        *(entry_trigger.remove() if dialect == "postgresql" else ()),
        *append_only.unguard(dialect, "audit_tile"),
        *append_only.dequeue(dialect),
    ):
        op.execute(statement)
    for name in ("audit_lane", "audit_state", "audit_tile", "audit_pending"):
        op.drop_table(name)
    op.drop_index("ix_audit_entry_lane", "audit_entry")
    for name in ("tag", "lane_seq", "lane"):
        op.drop_column("audit_entry", name)
