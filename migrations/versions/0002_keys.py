"""Removals and epochs of keys; a key's name carries no epoch any more"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Removals and epochs of keys; a key's name carries no epoch any more"""
    op.create_table(
        "key_epoch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("old_root", sa.String(length=200), nullable=True),
        sa.Column("root_destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("root_final_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shares_issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_epoch")),
        sa.UniqueConstraint("number", name=op.f("uq_key_epoch_number")),
    )
    with op.batch_alter_table("key_epoch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_key_epoch_facility_id"), ["facility_id"], unique=False)

    op.create_table(
        "key_removal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("compartment", sa.String(length=20), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_removal")),
        sa.UniqueConstraint("key_id", name=op.f("uq_key_removal_key_id")),
    )
    with op.batch_alter_table("key_removal", schema=None) as batch_op:
        for name in ("cause_id", "facility_id", "owner_id"):
            batch_op.create_index(batch_op.f(f"ix_key_removal_{name}"), [name], unique=False)

    with op.batch_alter_table("key_name", schema=None) as batch_op:
        batch_op.drop_column("epoch")


def downgrade() -> None:
    """Back to the tables of 0001; what was removed stays removed"""
    with op.batch_alter_table("key_name", schema=None) as batch_op:
        batch_op.add_column(sa.Column("epoch", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("key_name", schema=None) as batch_op:
        batch_op.alter_column("epoch", server_default=None)
    op.drop_table("key_removal")
    op.drop_table("key_epoch")
