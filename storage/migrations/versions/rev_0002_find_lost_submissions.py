"""What finding a lost submission takes: how many pictures each is for, and a look by provider.

Revision 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # Of a submission made before, nobody knows any more: all that a command may ask for.
    images = sa.Column("images", sa.Integer(), server_default=sa.text("4"), nullable=False)
    op.add_column("submissions", images)
    op.create_index("ix_submissions_provider_created_at", "submissions", ["provider", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_submissions_provider_created_at", table_name="submissions")
    op.drop_column("submissions", "images")
