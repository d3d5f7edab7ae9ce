"""The packed index of names; indexes of numbers computed anew, as numbers keep their letters now"""

from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JOB = sa.table(
    "job",
    sa.column("id", sa.Uuid()),
    sa.column("facility_id", sa.Uuid()),
    sa.column("kind", sa.String()),
    sa.column("ref_id", sa.Uuid()),
    sa.column("run_at", sa.DateTime(timezone=True)),
    sa.column("attempts", sa.Integer()),
)
FACILITY = sa.table("facility", sa.column("id", sa.Uuid()))
REINDEX = "number.reindex"


def upgrade() -> None:
    """The packed index of names, and a job that reindexes numbers"""
    op.create_table(
        "packed_epoch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contents_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packed_epoch")),
    )
    op.create_table(
        "packed_block",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("epoch_id", sa.Uuid(), nullable=False),
        sa.Column("block", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packed_block")),
    )
    for table, columns in (
        ("packed_epoch", ["facility_id"]),
        ("packed_block", ["facility_id", "epoch_id"]),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in columns:
                batch_op.create_index(batch_op.f(f"ix_{table}_{name}"), [name], unique=False)
    connection = op.get_bind()
    for facility_id in connection.scalars(sa.select(FACILITY.c.id)).all():
        connection.execute(
            JOB.insert().values(
                id=uuid4(),
                facility_id=facility_id,
                kind=REINDEX,
                ref_id=UUID(int=0),
                run_at=sa.func.current_timestamp(),
                attempts=0,
            )
        )


def downgrade() -> None:
    """Back to the index in memory alone; numbers with letters are found by their digits again"""
    op.execute(JOB.delete().where(JOB.c.kind == REINDEX))
    op.drop_table("packed_block")
    op.drop_table("packed_epoch")
