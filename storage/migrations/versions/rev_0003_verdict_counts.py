"""Counts of what moderation blocked or couldn't check.

Revision 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "verdicts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("stage IN ('prompt', 'image')", name=op.f("ck_verdicts_stage")),
        sa.CheckConstraint("status IN ('blocked', 'unchecked')", name=op.f("ck_verdicts_status")),
        sa.CheckConstraint("count > 0", name=op.f("ck_verdicts_count")),
        sa.PrimaryKeyConstraint("day", "source", "stage", "status", name="pk_verdicts"),
    )


def downgrade() -> None:
    op.drop_table("verdicts")
