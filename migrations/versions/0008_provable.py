"""The provable log: lanes, tags, tree, pending entries"""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The provable log: lanes, tags, tree, pending entries"""


def downgrade() -> None:
    """Take it back"""
