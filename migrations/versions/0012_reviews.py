"""Reviews: items, signals, questions, measures, what colleagues hold"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OPEN = sa.text("state <> 'closed' AND kind IN ('alert', 'sample')")


def _base() -> list[sa.Column[Any]]:
    return [_id("id", needed=True), _id("facility_id", needed=True)]


def _at(name: str, *, needed: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _id(name: str, *, needed: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=not needed)


def _sealed(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=True)


def _word(name: str, *, needed: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=40), nullable=not needed)


def _version() -> sa.Column[Any]:
    return sa.Column("version", sa.Integer(), nullable=False)


def _of_item(table: str) -> list[Any]:
    return [
        *_base(),
        _id("item_id", needed=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["review_item.id"], name=op.f(f"fk_{table}_item_id_review_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _index(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        for column in ("facility_id", *columns):
            name = batch_op.f(f"ix_{table}_{column}")
            batch_op.create_index(name, [column], unique=False)


def upgrade() -> None:
    """Reviews: items, signals, questions, measures, what colleagues hold"""
    op.create_table(
        "review_item",
        *_base(),
        _word("kind", needed=True),
        _word("state", needed=True),
        _id("about_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _at("happened_at"),
        _id("case_id"),
        _word("department"),
        _at("raised_at", needed=True),
        _at("due_at", needed=True),
        _id("assigned_to"),
        _at("assigned_at"),
        _at("escalated_at"),
        _id("escalated_by"),
        _at("closed_at"),
        _id("closed_by"),
        _sealed("escalation_sealed"),
        _sealed("conclusion_sealed"),
        _version(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_item")),
    )
    _index("review_item", "state", "about_id")
    with op.batch_alter_table("review_item", schema=None) as batch_op:
        batch_op.create_index(
            "uq_review_item_open",
            ["facility_id", "kind", "about_id", "day"],
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        )
    _parts()


def _parts() -> None:
    op.create_table(
        "review_signal",
        *_of_item("review_signal"),
        _id("case_id"),
        _at("raised_at", needed=True),
        _sealed("finding_sealed"),
    )
    op.create_table(
        "review_question",
        *_of_item("review_question"),
        _id("to_id", needed=True),
        _id("asked_by"),
        _at("asked_at", needed=True),
        _at("answered_at"),
        _sealed("asking_sealed"),
        _sealed("replying_sealed"),
        _version(),
    )
    op.create_table(
        "review_measure",
        *_of_item("review_measure"),
        _id("taken_by"),
        _at("taken_at", needed=True),
        _sealed("measure_sealed"),
    )
    op.create_table(
        "review_access",
        *_of_item("review_access"),
        _id("account_id", needed=True),
        _word("kind", needed=True),
        _word("role"),
        _id("case_id"),
        _word("answer"),
        _id("answered_by"),
        _at("answered_at"),
    )
    for table in ("review_signal", "review_measure", "review_access"):
        _index(table, "item_id")
    _index("review_question", "item_id", "to_id")


def downgrade() -> None:
    """Without reviews: what officers asked and decided is lost, its keys stay named"""
    for table in (
        "review_access",
        "review_measure",
        "review_question",
        "review_signal",
        "review_item",
    ):
        op.drop_table(table)
