"""The first schema.

Revision 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MOMENT = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ZERO = sa.text("0")
_TABLES = (
    "users",
    "chats",
    "quota_accounts",
    "jobs",
    "reservations",
    "ledger",
    "submissions",
    "artifacts",
)


def upgrade() -> None:
    _people()
    _quota_accounts()
    _jobs()
    _job_indexes()
    _reservations()
    _ledger()
    _keep_ledger()
    _submissions()
    _artifacts()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_ledger_change")


def _partial_index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "jobs", columns, sqlite_where=where, postgresql_where=where)


def _keep_ledger() -> None:
    """Make the ledger append-only."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """
            CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$
            """
        )
        op.execute(
            """
            CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
            EXECUTE FUNCTION refuse_ledger_change()
            """
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"""
            CREATE TRIGGER ledger_no_{change.lower()} BEFORE {change} ON ledger
            BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END
            """
        )


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("username", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("banned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("minute", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("requests", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("seen_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_table(
        "chats",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("hint_given", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("noticed_at", _MOMENT, nullable=True),
        sa.Column("seen_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
    )


def _quota_accounts() -> None:
    op.create_table(
        "quota_accounts",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spent", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("held", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("extra", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("extra_held", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "0 <= extra_held AND extra_held <= extra", name=op.f("ck_quota_accounts_extra")
        ),
        sa.CheckConstraint("daily_limit >= 0", name=op.f("ck_quota_accounts_limit")),
        sa.CheckConstraint("spent >= 0 AND held >= 0", name=op.f("ck_quota_accounts_daily")),
        sa.PrimaryKeyConstraint("user_id", name="pk_quota_accounts"),
    )


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_kind", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("reason_data", sa.JSON(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("status_message_id", sa.BigInteger(), nullable=True),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("delivery_attempts", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("delivery_due", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("deadline", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (delivery = 'none')", name=op.f("ck_jobs_outcome")
        ),
        sa.CheckConstraint(
            "(finished_at IS NULL) = (state IN ('queued', 'running'))",
            name=op.f("ck_jobs_finished"),
        ),
        sa.CheckConstraint(
            "(state = 'running') = (lease IS NOT NULL AND lease_until IS NOT NULL)",
            name=op.f("ck_jobs_lease"),
        ),
        sa.CheckConstraint(
            "delivery IN ('none', 'pending', 'delivered', 'undeliverable')",
            name=op.f("ck_jobs_delivery"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'censored', 'failed', 'canceled')",
            name=op.f("ck_jobs_state"),
        ),
        sa.CheckConstraint(
            "cost >= 0 AND attempts >= 0 AND delivery_attempts >= 0", name=op.f("ck_jobs_counts")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("chat_id", "message_id", name="uq_jobs_chat_id_message_id"),
    )


def _job_indexes() -> None:
    _partial_index("ix_jobs_deliveries", ["delivery_due", "id"], sa.text("delivery = 'pending'"))
    _partial_index(
        "ix_jobs_durations", ["provider", "model", "finished_at"], sa.text("state = 'succeeded'")
    )
    _partial_index("ix_jobs_leases", ["lease_until"], sa.text("state = 'running'"))
    _partial_index("ix_jobs_queue", ["turn", "id"], sa.text("state = 'queued'"))
    _partial_index("ix_jobs_queue_time", ["turn"], sa.text("started_at IS NOT NULL"))
    _partial_index("ix_jobs_unfinished", ["user_id", "state"], sa.text("finished_at IS NULL"))
    _partial_index("ix_jobs_user_time", ["user_id", "turn"], sa.text("started_at IS NOT NULL"))


def _reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("job_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("daily", sa.Integer(), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("captured_daily", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("captured_extra", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("settled_at", _MOMENT, nullable=True),
        sa.CheckConstraint(
            "(state = 'held') = (settled_at IS NULL)", name=op.f("ck_reservations_settled")
        ),
        sa.CheckConstraint(
            "state IN ('held', 'captured', 'released')", name=op.f("ck_reservations_state")
        ),
        sa.CheckConstraint(
            "0 <= captured_daily AND captured_daily <= daily", name=op.f("ck_reservations_daily")
        ),
        sa.CheckConstraint(
            "0 <= captured_extra AND captured_extra <= extra", name=op.f("ck_reservations_extra")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_reservations_job_id"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["quota_accounts.user_id"], name="fk_reservations_user_id"
        ),
        sa.PrimaryKeyConstraint("job_id", name="pk_reservations"),
    )


def _ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("daily", sa.Integer(), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('hold', 'capture', 'release', 'grant')", name=op.f("ck_ledger_kind")
        ),
        sa.CheckConstraint(
            "daily >= 0 AND extra >= 0 AND daily + extra > 0", name=op.f("ck_ledger_units")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
    )


def _submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("job_id", _ROW_ID, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("remote_id", sa.String(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint(
            "state IN ('submitting', 'submitted', 'ended')", name=op.f("ck_submissions_state")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_submissions_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
    )
    op.create_index("ix_submissions_job_id", "submissions", ["job_id"])
    still_open = sa.text("state != 'ended'")
    op.create_index(
        "uq_submissions_open",
        "submissions",
        ["job_id", "part"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )


def _artifacts() -> None:
    op.create_table(
        "artifacts",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("job_id", _ROW_ID, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_artifacts_job_id"),
        sa.PrimaryKeyConstraint("id", name="pk_artifacts"),
        sa.UniqueConstraint("job_id", "part", "position", name="uq_artifacts_job_id_part_position"),
    )
    op.create_index("ix_artifacts_sha256", "artifacts", ["sha256"])
