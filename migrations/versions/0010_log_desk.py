"""The desk of the log: saved views"""

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The desk of the log: saved views"""


def downgrade() -> None:
    """Take it back"""
