"""Statements for the person, and what they withhold"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _table(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f(f"fk_{name}_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        for column in ("facility_id", "case_id"):
            batch_op.create_index(batch_op.f(f"ix_{name}_{column}"), [column], unique=False)


def _at(name: str, *, needed: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def upgrade() -> None:
    """Statements for the person, and what they withhold"""
    _table(
        "statement",
        sa.Column("made_by", sa.Uuid(), nullable=True),
        _at("made_at", needed=True),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=True),
    )
    _table(
        "withheld_disclosure",
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        _at("recorded_at", needed=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        _at("lifted_at"),
        sa.Column("withholding_sealed", sa.LargeBinary(), nullable=True),
    )


def downgrade() -> None:
    """Without statements: which were made stands in the log; what was withheld is lost"""
    op.drop_table("withheld_disclosure")
    op.drop_table("statement")
