"""Breaches, sums of the log per day, and monthly reports"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _at(name: str, *, needed: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _id(name: str, *, needed: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=not needed)


def _sealed(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=True)


def _index(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in columns:
            name = batch_op.f(f"ix_{table}_{column}")
            batch_op.create_index(name, [column], unique=False)


def upgrade() -> None:
    """Breaches, sums of the log per day, and monthly reports"""
    op.create_table(
        "breach",
        _id("id", needed=True),
        _id("facility_id", needed=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        _id("source_item_id"),
        _at("detected_at", needed=True),
        _at("due_at", needed=True),
        _at("recorded_at", needed=True),
        _id("recorded_by"),
        sa.Column("escalated_hours", sa.Integer(), nullable=False),
        _at("assessed_at"),
        _id("assessed_by"),
        _at("confirmed_at"),
        _id("confirmed_by"),
        _at("notified_at"),
        _id("notified_by"),
        _at("persons_at"),
        _at("measures_at"),
        _at("closed_at"),
        _id("closed_by"),
        _sealed("facts_sealed"),
        _sealed("course_sealed"),
        _sealed("extent_sealed"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach")),
    )
    _index("breach", "facility_id", "state")
    _dashboard()


def _dashboard() -> None:
    op.create_table(
        "log_day",
        _id("id", needed=True),
        _id("facility_id", needed=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_day")),
        sa.UniqueConstraint(
            "facility_id",
            "day",
            "action",
            "outcome",
            name=op.f("uq_log_day_facility_id_day_action_outcome"),
        ),
    )
    _index("log_day", "facility_id")
    op.create_table(
        "monthly_report",
        _id("id", needed=True),
        _id("facility_id", needed=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        _at("made_at", needed=True),
        _id("made_by"),
        _sealed("report_sealed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_report")),
    )
    _index("monthly_report", "facility_id")


def downgrade() -> None:
    """Without the register of breaches: what stood in it is lost; sums can be made again"""
    op.drop_table("monthly_report")
    op.drop_table("log_day")
    op.drop_table("breach")
