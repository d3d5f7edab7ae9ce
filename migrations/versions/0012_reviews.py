"""Reviews: items, questions, verdicts"""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Reviews: items, questions, verdicts"""


def downgrade() -> None:
    """Take it back"""
