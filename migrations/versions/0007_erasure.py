"""Erasures and legal holds, what became of a case's parts, sums of erased sittings"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_UNDECIDED = sa.text("state IN ('requested', 'approved', 'under_way')")


def _base() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
    ]


def _at(name: str, *, needed: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _id(name: str, *, needed: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=not needed)


def _sealed(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=True)


def _version() -> sa.Column[Any]:
    return sa.Column("version", sa.Integer(), nullable=False)


def _index(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in ("facility_id", *columns):
            name = batch_op.f(f"ix_{table}_{column}")
            batch_op.create_index(name, [column], unique=False)


def upgrade() -> None:
    """Erasures and legal holds, what became of a case's parts, sums of erased sittings"""
    op.create_table(
        "case_part",
        *_base(),
        _id("case_id", needed=True),
        sa.Column("compartment", sa.String(length=20), nullable=False),
        _at("restricted_at"),
        sa.Column("restricted_until", sa.Date(), nullable=True),
        _at("erased_at"),
        _at("reopened_at"),
        _version(),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_part_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_part")),
        sa.UniqueConstraint(
            "case_id", "compartment", name=op.f("uq_case_part_case_id_compartment")
        ),
    )
    _index("case_part")
    op.create_table(
        "legal_hold",
        *_base(),
        _id("case_id", needed=True),
        _id("set_by"),
        _at("set_at", needed=True),
        _id("lifted_by"),
        _at("lifted_at"),
        _sealed("hold_sealed"),
        _version(),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_legal_hold_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    _index("legal_hold", "case_id")
    op.create_table(
        "screening_count",
        *_base(),
        sa.Column("month", sa.String(length=7), nullable=False),
        _sealed("sitting_count_sealed"),
        _version(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_count")),
    )
    _index("screening_count", "month")
    _erasures()


def _erasures() -> None:
    op.create_table(
        "erasure",
        *_base(),
        _id("case_id", needed=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        _id("requested_by"),
        _at("requested_at", needed=True),
        _id("decided_by"),
        _at("decided_at"),
        _at("due_at"),
        _id("cancelled_by"),
        _at("cancelled_at"),
        _at("begun_at"),
        _at("live_at"),
        _at("final_at"),
        _sealed("request_sealed"),
        _version(),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_erasure_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    _index("erasure", "case_id", "state")
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(
            "uq_erasure_pending",
            ["case_id"],
            unique=True,
            sqlite_where=_UNDECIDED,
            postgresql_where=_UNDECIDED,
        )
    _erasure_parts()
    _erasure_recipients()


def _erasure_parts() -> None:
    op.create_table(
        "erasure_part",
        *_base(),
        _id("erasure_id", needed=True),
        sa.Column("compartment", sa.String(length=20), nullable=False),
        _at("erased_at"),
        _at("restricted_at"),
        _at("lifted_at"),
        _id("lifted_by"),
        _sealed("answer_sealed"),
        _version(),
        sa.ForeignKeyConstraint(
            ["erasure_id"], ["erasure.id"], name=op.f("fk_erasure_part_erasure_id_erasure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_part")),
        sa.UniqueConstraint(
            "erasure_id", "compartment", name=op.f("uq_erasure_part_erasure_id_compartment")
        ),
    )
    _index("erasure_part")


def _erasure_recipients() -> None:
    op.create_table(
        "erasure_recipient",
        *_base(),
        _id("erasure_id", needed=True),
        _at("told_at"),
        _id("told_by"),
        _sealed("received_sealed"),
        _version(),
        sa.ForeignKeyConstraint(
            ["erasure_id"], ["erasure.id"], name=op.f("fk_erasure_recipient_erasure_id_erasure")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_recipient")),
    )
    _index("erasure_recipient", "erasure_id")


def downgrade() -> None:
    """Without erasures: what was erased stays erased, its keys are gone; restrictions are lost"""
    for table in (
        "erasure_recipient",
        "erasure_part",
        "erasure",
        "screening_count",
        "legal_hold",
        "case_part",
    ):
        op.drop_table(table)
