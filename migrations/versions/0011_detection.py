"""Detection: rules, their settings and runs"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _base() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
    ]


def _at(name: str, *, needed: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def _id(name: str, *, needed: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=not needed)


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _day(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=False)


def _sealed(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=True)


def _table(name: str, *columns: sa.Column[Any], unique: str = "", index: str = "") -> None:
    keys: list[Any] = [sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}"))]
    if unique:
        label = op.f(f"uq_{name}_" + "_".join(unique.split()))
        keys.append(sa.UniqueConstraint(*unique.split(), name=label))
    op.create_table(name, *_base(), *columns, *keys)
    with op.batch_alter_table(name, schema=None) as batch_op:
        for column in ("facility_id", *index.split()):
            batch_op.create_index(batch_op.f(f"ix_{name}_{column}"), [column], unique=False)


def upgrade() -> None:
    """Detection: rules, their settings and runs"""
    _table(
        "detection_setting",
        _text("rule", 30),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        _text("numbers", 200),
        _id("set_by", needed=False),
        _at("set_at"),
        _sealed("setting_sealed"),
        index="rule",
    )
    _table(
        "detection_progress",
        _text("pace", 40),
        _at("done_until"),
        _number("version"),
        unique="facility_id pace",
    )
    _table(
        "detection_flag", _id("entry_id"), _day("day"), unique="facility_id entry_id", index="day"
    )
    _samples_and_trials()


def _samples_and_trials() -> None:
    _table(
        "detection_sample",
        _day("day"),
        _text("seed", 64),
        _number("drawn_from"),
        _number("drawn"),
        unique="facility_id day",
    )
    _table(
        "detection_trial",
        _text("rule", 30),
        _text("numbers", 200),
        _id("asked_by", needed=False),
        _at("asked_at"),
        _day("first_day"),
        _day("next_day"),
        _day("last_day"),
        _text("weeks", 400),
        _at("done_at", needed=False),
        _number("version"),
        index="rule",
    )
    _table(
        "staff_facts",
        _id("account_id"),
        _sealed("facts_sealed"),
        _number("version"),
        unique="account_id",
    )


def downgrade() -> None:
    """Without detection: settings, counts and facts about staff are gone"""
    for table in (
        "staff_facts",
        "detection_trial",
        "detection_sample",
        "detection_flag",
        "detection_progress",
        "detection_setting",
    ):
        op.drop_table(table)
