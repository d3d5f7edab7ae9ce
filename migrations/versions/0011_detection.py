"""Detection: rules, their settings and runs"""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Detection: rules, their settings and runs"""


def downgrade() -> None:
    """Take it back"""
