"""The desk of the log: indexes for its filters, what lists showed, saved views, what was sent on

Entries that are there already get their rows of ``audit_shown`` here, out of their leaves.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from casemgr.audit import shown
from casemgr.db.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BATCH = 2000
_LISTING = (  # as it was when this was written
    "case.listed",
    "case.searched",
    "notice.listed",
    "screening.listed",
    "referral.listed",
    "erasure.listed",
    "hold.listed",
    "number.compared",
)
_INDEXES: tuple[tuple[str, list[str], str | None], ...] = (
    ("ix_audit_entry_action", ["facility_id", "action", "at", "id"], None),
    ("ix_audit_entry_trouble", ["facility_id", "outcome", "at", "id"], "outcome <> 'done'"),
    ("ix_audit_entry_purpose", ["facility_id", "purpose", "at", "id"], "purpose IS NOT NULL"),
    ("ix_audit_entry_channel", ["facility_id", "channel", "at", "id"], "channel <> 'web'"),
    ("ix_audit_entry_parts", ["facility_id", "compartments", "at", "id"], "compartments <> ''"),
    ("ix_audit_entry_sign_in", ["subject_id", "at", "id"], "action = 'session.refused'"),
)


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
    ]


def upgrade() -> None:
    """The desk of the log: indexes, what lists showed, saved views, what was sent on"""
    for name, columns, words in _INDEXES:
        only = sa.text(words) if words else None
        op.create_index(name, "audit_entry", columns, sqlite_where=only, postgresql_where=only)
    op.create_table(
        "audit_shown",
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "at", "entry_id", name=op.f("pk_audit_shown")),
    )
    _fill()
    for statement in shown.install(op.get_bind().dialect.name):
        op.execute(statement)
    op.create_table(
        "log_view",
        *_columns(),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("view_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_view")),
    )
    op.create_index(op.f("ix_log_view_account_id"), "log_view", ["account_id"])
    op.create_index(op.f("ix_log_view_facility_id"), "log_view", ["facility_id"])
    op.create_table(
        "log_forwarding",
        *_columns(),
        sa.Column("receiver", sa.String(length=200), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_entry_id", sa.Uuid(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_forwarding")),
        sa.UniqueConstraint(
            "facility_id", "receiver", name=op.f("uq_log_forwarding_facility_id_receiver")
        ),
    )
    op.create_index(op.f("ix_log_forwarding_facility_id"), "log_forwarding", ["facility_id"])


def _fill() -> None:
    """From the leaves, in the order of time, a batch after the other."""
    connection = op.get_bind()
    entry = sa.table(
        "audit_entry",
        sa.column("id", sa.Uuid()),
        sa.column("facility_id", sa.Uuid()),
        sa.column("at", UtcDateTime()),
        sa.column("action", sa.String()),
        sa.column("count", sa.Integer()),
        sa.column("leaf", sa.LargeBinary()),
    )
    place = (entry.c.at, entry.c.id)
    query = sa.select(entry).where(entry.c.action.in_(_LISTING), entry.c.count > 0)
    query, after = query.order_by(*place).limit(BATCH), query
    while found := connection.execute(query).all():
        rows = [
            row
            for one in found
            for row in shown.rows_of(one.facility_id, one.at, one.id, shown.ids_shown(one.leaf))
        ]
        if rows:
            connection.execute(sa.insert(shown.audit_shown), rows)
        last = sa.tuple_(
            sa.literal(found[-1].at, UtcDateTime()),
            sa.literal(found[-1].id, sa.Uuid()),
        )
        query = after.where(sa.tuple_(*place) > last).order_by(*place).limit(BATCH)


def downgrade() -> None:
    """Without the desk: saved views are lost; what lists showed stands in the leaves as before"""
    for statement in shown.remove(op.get_bind().dialect.name):
        op.execute(statement)
    for table in ("log_forwarding", "log_view", "audit_shown"):
        op.drop_table(table)
    for name, _columns_of, _words in reversed(_INDEXES):
        op.drop_index(name, table_name="audit_entry")
