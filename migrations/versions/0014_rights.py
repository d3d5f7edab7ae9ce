"""Rights requests and statements"""

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rights requests and statements"""


def downgrade() -> None:
    """Take it back"""
