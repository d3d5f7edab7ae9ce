"""Checkpoints of the log and where they went"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INSERT_ONLY = ("audit_checkpoint", "audit_publication")
_REFUSAL = "the audit log is append-only"
_FUNCTION = "audit_checkpoint_refuse"


def _base() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
    ]


def _index(table: str, *columns: str) -> None:
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{table}_{'_'.join(columns)}"), list(columns))


def upgrade() -> None:
    """Checkpoints of the log and where they went"""
    op.create_table(
        "audit_checkpoint",
        *_base(),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checkpoint")),
        sa.UniqueConstraint("size", name=op.f("uq_audit_checkpoint_size")),
    )
    op.create_table(
        "audit_publication",
        *_base(),
        sa.Column("checkpoint_size", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_publication")),
    )
    _index("audit_publication", "way", "at")
    op.create_table(
        "witnessed_log",
        *_base(),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_witnessed_log")),
        sa.UniqueConstraint("origin", name=op.f("uq_witnessed_log_origin")),
    )
    for table in (*_INSERT_ONLY, "witnessed_log"):
        _index(table, "facility_id")
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Without checkpoints: what left the machine stays where it is"""
    for table in ("witnessed_log", "audit_publication", "audit_checkpoint"):
        op.drop_table(table)  # and its triggers with it
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {_FUNCTION}()")


def _guards(dialect: str) -> list[str]:
    if dialect == "postgresql":
        function = (
            f"CREATE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        return [
            function,
            *(
                f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} "
                f"FOR EACH {'STATEMENT' if act == 'TRUNCATE' else 'ROW'} "
                f"EXECUTE FUNCTION {_FUNCTION}()"
                for table in _INSERT_ONLY
                for act in ("UPDATE", "DELETE", "TRUNCATE")
            ),
        ]
    return [
        f"CREATE TRIGGER {table}_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        for table in _INSERT_ONLY
        for act in ("UPDATE", "DELETE")
    ]
