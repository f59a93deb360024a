"""What chats, admins and buttons need: languages, choices, roles, bans, invites, drafts, an audit log.

Revision 0004.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ZERO = sa.text("0")
_TABLES = (
    "audit",
    "invites",
    "invite_uses",
    "drafts",
    "controls",
    "paces",
    "broadcasts",
    "forgotten",
)
_OLD_KINDS = ("hold", "capture", "release", "grant")
_KINDS = (*_OLD_KINDS, "revoke", "reset", "transfer_out", "transfer_in")
_JOB_COLUMNS = (
    "language",
    "parent_id",
    "reply_to",
    "inline_message_id",
    "message_by",
    "message_until",
    "delete_due",
    "pooled",
)
_JOB_INDEXES = ("ix_jobs_to_delete", "ix_jobs_ended", "ix_jobs_history")
_USER_COLUMNS = (
    "name",
    "locale",
    "preferences",
    "role",
    "allowed",
    "banned_until",
    "ban_reason",
    "strikes",
    "struck_at",
    "blocked_until",
    "throttle_told",
)


def upgrade() -> None:
    _users()
    _chats()
    _jobs()
    _ledger_kinds(_KINDS)
    _keep_ledger("UPDATE OF id, job_id, kind, day, daily, extra, created_at")
    op.create_index("ix_ledger_user_id", "ledger", ["user_id"])
    _audit()
    _invites()
    _drafts()
    _controls()
    _paces()
    _broadcasts()
    _forgotten()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_index("ix_ledger_user_id", "ledger")
    _ledger_kinds(_OLD_KINDS)
    _keep_ledger("UPDATE")
    for index in _JOB_INDEXES:
        op.drop_index(index, "jobs")
    _drop_columns("jobs", _JOB_COLUMNS)
    _drop_columns("chats", ("title", "settings"))
    op.drop_index("ix_users_username", "users")
    _drop_columns("users", _USER_COLUMNS)


def _drop_columns(table: str, columns: Sequence[str]) -> None:
    for column in columns:
        op.drop_column(table, column)


def _users() -> None:
    for column in (
        sa.Column("name", sa.String()),
        sa.Column("locale", sa.String()),
        sa.Column("preferences", sa.JSON()),
        sa.Column(
            "role", sa.String(), sa.CheckConstraint("role IN ('admin')", name=op.f("ck_users_role"))
        ),
        sa.Column("allowed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("banned_until", _MOMENT),
        sa.Column("ban_reason", sa.String()),
        sa.Column(
            "strikes",
            sa.Integer(),
            sa.CheckConstraint("strikes >= 0", name=op.f("ck_users_strikes")),
            server_default=_ZERO,
            nullable=False,
        ),
        sa.Column("struck_at", _MOMENT),
        sa.Column("blocked_until", _MOMENT),
        sa.Column("throttle_told", sa.Boolean(), server_default=sa.false(), nullable=False),
    ):
        op.add_column("users", column)
    op.create_index("ix_users_username", "users", ["username"])


def _chats() -> None:
    op.add_column("chats", sa.Column("title", sa.String()))
    op.add_column("chats", sa.Column("settings", sa.JSON()))
    op.execute(  # private chats weren't remembered until now
        "INSERT INTO chats (id, kind, enabled) SELECT DISTINCT chat_id, 'private', true FROM jobs "
        "WHERE chat_kind = 'private' AND chat_id NOT IN (SELECT id FROM chats)"
    )


def _jobs() -> None:
    op.add_column("jobs", sa.Column("language", sa.String()))
    op.add_column("jobs", sa.Column("parent_id", _ROW_ID))
    op.add_column("jobs", sa.Column("reply_to", sa.BigInteger()))
    op.add_column("jobs", sa.Column("inline_message_id", sa.String()))
    op.add_column("jobs", sa.Column("message_by", sa.String()))
    op.add_column("jobs", sa.Column("message_until", _MOMENT))
    op.add_column("jobs", sa.Column("delete_due", _MOMENT))
    op.add_column(
        "jobs", sa.Column("pooled", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    _partial_index("ix_jobs_to_delete", ["delete_due"], sa.text("delete_due IS NOT NULL"))
    _partial_index("ix_jobs_ended", ["finished_at"], sa.text("finished_at IS NOT NULL"))
    op.create_index("ix_jobs_history", "jobs", ["user_id", "id"])


def _partial_index(name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, "jobs", columns, sqlite_where=where, postgresql_where=where)


def _ledger_kinds(kinds: Sequence[str]) -> None:
    """SQLite alters a constraint by making the table anew, which takes its triggers away."""
    words = ", ".join(f"'{kind}'" for kind in kinds)
    triggers = _sqlite_triggers_of_the_ledger()
    with op.batch_alter_table("ledger") as batch:
        batch.drop_constraint(op.f("ck_ledger_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_ledger_kind"), f"kind IN ({words})")
    for trigger in triggers:
        op.execute(trigger)


def _sqlite_triggers_of_the_ledger() -> list[str]:
    if op.get_bind().dialect.name != "sqlite":
        return []
    found = op.get_bind().execute(
        sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger'")
    )
    return list(found.scalars())


def _keep_ledger(change: str) -> None:
    """Whose a line is may change, so that people can be forgotten; nothing else of it may."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER ledger_append_only ON ledger")
        op.execute(
            f"CREATE TRIGGER ledger_append_only BEFORE {change} OR DELETE OR TRUNCATE ON ledger"
            " EXECUTE FUNCTION refuse_ledger_change()"
        )
        return
    op.execute("DROP TRIGGER ledger_no_update")
    op.execute(
        f"CREATE TRIGGER ledger_no_update BEFORE {change} ON ledger"
        " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("target_id", sa.BigInteger()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_target_id", "audit", ["target_id"])


def _invites() -> None:
    op.create_table(
        "invites",
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint("units >= 0 AND uses_left >= 0", name=op.f("ck_invites_counts")),
        sa.PrimaryKeyConstraint("token", name="pk_invites"),
    )
    op.create_table(
        "invite_uses",
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["token"], ["invites.token"], name="fk_invite_uses_token"),
        sa.PrimaryKeyConstraint("token", "user_id", name="pk_invite_uses"),
    )


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger()),
        sa.Column("message_id", sa.BigInteger()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_user_id", "drafts", ["user_id"])
    op.create_index("ix_drafts_chat_id_message_id", "drafts", ["chat_id", "message_id"])


def _controls() -> None:
    op.create_table(
        "controls",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("changed_by", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name", name="pk_controls"),
    )


def _paces() -> None:
    op.create_table(
        "paces",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("closed_until", _MOMENT),
        sa.Column("next_call", _MOMENT),
        sa.PrimaryKeyConstraint("chat_id", name="pk_paces"),
    )


def _broadcasts() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("status_message_id", sa.BigInteger()),
        sa.Column("after_user_id", sa.BigInteger(), server_default=_ZERO, nullable=False),
        sa.Column("sent", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("failed", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("blocked", sa.Integer(), server_default=_ZERO, nullable=False),
        sa.Column("runner", sa.String()),
        sa.Column("runner_until", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT),
        sa.CheckConstraint(
            "state IN ('preview', 'running', 'stopped', 'done')", name=op.f("ck_broadcasts_state")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_broadcasts"),
    )


def _forgotten() -> None:
    op.create_table(
        "forgotten",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_forgotten"),
    )
