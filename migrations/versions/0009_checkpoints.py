"""Checkpoints of the log and where they went"""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Checkpoints of the log and where they went"""


def downgrade() -> None:
    """Take it back"""
