"""The schema. Promises that a constraint can keep are kept here, whatever the code above does.

A migration must follow every change: a test compares the two on both engines.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
    false,
    literal_column,
    text,
)

from storage.records import (
    BroadcastState,
    DeliveryState,
    JobState,
    LedgerKind,
    SubmissionState,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC on both sides; SQLite, which has no zones, keeps the naive UTC moment."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a timezone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Word(TypeDecorator[Any]):
    """An enumeration by its values, as text."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else str(self.words(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


# SQLite numbers rows by itself only where the key's type is INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _required(name: str, kind: Any, *args: Any, **kwargs: Any) -> Column[Any]:
    return Column(name, kind, *args, nullable=False, **kwargs)


def _count(name: str) -> Column[Any]:
    return _required(name, Integer, server_default=text("0"))


def _one_of(column: str, values: type[StrEnum]) -> Any:
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=column)


users = Table(
    "users",
    metadata,
    _required("id", BigInteger, primary_key=True, autoincrement=False),
    Column("username", String),
    Column("language", String),
    Column("name", String),  # the first name, for people to read
    Column("locale", String),  # the language chosen here; None follows Telegram's
    Column("preferences", JSON(none_as_null=True)),  # the last choices made by buttons
    Column("role", String),  # admin, or nothing; owners are in the settings
    _required("allowed", Boolean, server_default=false()),  # where access isn't open
    _required("banned", Boolean, server_default=false()),
    Column("banned_until", UtcDateTime),  # None while banned: for good
    Column("ban_reason", String),
    _count("strikes"),  # censored requests that still count
    Column("struck_at", UtcDateTime),  # the last of them
    Column("blocked_until", UtcDateTime),  # for its strikes
    _required("minute", BigInteger, server_default=text("0")),  # since the epoch
    _count("requests"),  # in that minute
    _required("throttle_told", Boolean, server_default=false()),  # in that minute
    Column("seen_at", UtcDateTime),
    CheckConstraint("role IN ('admin')", name="role"),
    CheckConstraint("strikes >= 0", name="strikes"),
    Index(None, "username"),
)

chats = Table(
    "chats",
    metadata,
    _required("id", BigInteger, primary_key=True, autoincrement=False),
    _required("kind", String),
    Column("title", String),
    Column("settings", JSON(none_as_null=True)),  # the chat admins' choices
    _required("enabled", Boolean),
    _required("hint_given", Boolean, server_default=false()),
    Column("noticed_at", UtcDateTime),
    Column("seen_at", UtcDateTime),
)

# spent and held are units of `day`; extra ones don't expire. held and extra_held belong to
# reservations that are still open.
accounts = Table(
    "quota_accounts",
    metadata,
    _required("user_id", BigInteger, primary_key=True, autoincrement=False),
    _required("day", Date),
    _count("spent"),
    _count("held"),
    _count("extra"),
    _count("extra_held"),
    Column("daily_limit", Integer),  # None: what the settings say
    CheckConstraint("spent >= 0 AND held >= 0", name="daily"),
    CheckConstraint("0 <= extra_held AND extra_held <= extra", name="extra"),
    CheckConstraint("daily_limit >= 0", name="limit"),
)

jobs = Table(
    "jobs",
    metadata,
    _required("id", RowId, primary_key=True),
    _required("chat_id", BigInteger),
    _required("message_id", BigInteger),
    Column("thread_id", BigInteger),
    _required("user_id", BigInteger),
    _required("chat_kind", String),
    _required("provider", String),
    _required("model", String),
    _required("cost", Integer),
    _required("spec", JSON),
    _required("state", Word(JobState)),
    Column("reason", String),
    _required("reason_data", JSON),
    _required("turn", BigInteger),
    _count("attempts"),
    Column("lease", String),
    Column("lease_until", UtcDateTime),
    _required("cancel_requested", Boolean, server_default=false()),
    Column("status_message_id", BigInteger),
    _required("delivery", Word(DeliveryState)),
    _count("delivery_attempts"),
    Column("delivery_due", UtcDateTime),
    _required("created_at", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    _required("deadline", UtcDateTime),
    Column("language", String),  # of the words about it
    Column("parent_id", RowId),  # the job whose result it goes on from
    Column("reply_to", BigInteger),  # the message its own replies to, where that isn't message_id
    Column("inline_message_id", String),  # where the message is one of inline or guest mode
    Column("message_by", String),  # the process that is at its message, until
    Column("message_until", UtcDateTime),
    Column("delete_due", UtcDateTime),  # when its message is to be taken away
    _required("pooled", Boolean, server_default=false()),  # the chat's shared units pay
    UniqueConstraint("chat_id", "message_id"),
    _one_of("state", JobState),
    _one_of("delivery", DeliveryState),
    CheckConstraint("cost >= 0 AND attempts >= 0 AND delivery_attempts >= 0", name="counts"),
    CheckConstraint(
        "(state = 'running') = (lease IS NOT NULL AND lease_until IS NOT NULL)", name="lease"
    ),
    CheckConstraint("(finished_at IS NULL) = (state IN ('queued', 'running'))", name="finished"),
    CheckConstraint("(finished_at IS NULL) = (delivery = 'none')", name="outcome"),
)

# The literals are spelled out, in the indexes and in the queries, because an engine uses a
# partial index only where it can prove, without the parameters, that the query stays inside;
# and SQLite plans a statement anew at each execution where a parameter is compared with `state`.
QUEUED = jobs.c.state == literal_column("'queued'")
RUNNING = jobs.c.state == literal_column("'running'")
SUCCEEDED = jobs.c.state == literal_column("'succeeded'")
UNFINISHED = jobs.c.finished_at.is_(None)
CLAIMED_ONCE = jobs.c.started_at.is_not(None)
UNDELIVERED = jobs.c.delivery == literal_column("'pending'")
TO_DELETE = jobs.c.delete_due.is_not(None)
ENDED = jobs.c.finished_at.is_not(None)


def _partial(name: str, *columns: Column[Any], where: Any) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


_partial("ix_jobs_queue", jobs.c.turn, jobs.c.id, where=QUEUED)
_partial("ix_jobs_unfinished", jobs.c.user_id, jobs.c.state, where=UNFINISHED)
_partial("ix_jobs_leases", jobs.c.lease_until, where=RUNNING)
_partial("ix_jobs_deliveries", jobs.c.delivery_due, jobs.c.id, where=UNDELIVERED)
_partial("ix_jobs_queue_time", jobs.c.turn, where=CLAIMED_ONCE)
_partial("ix_jobs_user_time", jobs.c.user_id, jobs.c.turn, where=CLAIMED_ONCE)
_partial("ix_jobs_durations", jobs.c.provider, jobs.c.model, jobs.c.finished_at, where=SUCCEEDED)
_partial("ix_jobs_to_delete", jobs.c.delete_due, where=TO_DELETE)
_partial("ix_jobs_ended", jobs.c.finished_at, where=ENDED)
Index("ix_jobs_history", jobs.c.user_id, jobs.c.id)

reservations = Table(
    "reservations",
    metadata,
    _required("job_id", RowId, ForeignKey(jobs.c.id), primary_key=True, autoincrement=False),
    _required("user_id", BigInteger, ForeignKey(accounts.c.user_id)),
    _required("day", Date),
    _required("daily", Integer),
    _required("extra", Integer),
    _required("state", String),
    _count("captured_daily"),
    _count("captured_extra"),
    _required("created_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    CheckConstraint("state IN ('held', 'captured', 'released')", name="state"),
    CheckConstraint("0 <= captured_daily AND captured_daily <= daily", name="daily"),
    CheckConstraint("0 <= captured_extra AND captured_extra <= extra", name="extra"),
    CheckConstraint("(state = 'held') = (settled_at IS NULL)", name="settled"),
)

# Append-only: triggers refuse DELETE, and UPDATE of all but whose a line is, which changes once, when
# that person asks to be forgotten (`storage/forgetting.py`). Units are positive, the kind gives the sign:
# held = hold - capture - release, spent = capture - reset, extra = grant - capture - revoke; a
# transfer takes units from one account to another: held ones where it names a job, else spent and
# extra ones.
ledger = Table(
    "ledger",
    metadata,
    _required("id", RowId, primary_key=True),
    _required("user_id", BigInteger, index=True),
    Column("job_id", BigInteger),
    _required("kind", String),
    Column("day", Date),  # that the daily units belong to
    _required("daily", Integer),
    _required("extra", Integer),
    _required("created_at", UtcDateTime),
    _one_of("kind", LedgerKind),
    CheckConstraint("daily >= 0 AND extra >= 0 AND daily + extra > 0", name="units"),
)

# Who did what to whom; append-only by use. target: a user's or a chat's id, or a job's.
audit = Table(
    "audit",
    metadata,
    _required("id", RowId, primary_key=True),
    _required("at", UtcDateTime),
    _required("actor_id", BigInteger),
    _required("action", String),
    Column("target_id", BigInteger, index=True),
    _required("details", JSON),
)

invites = Table(
    "invites",
    metadata,
    _required("token", String(32), primary_key=True),
    _required("units", Integer),  # extra ones for whoever comes by it
    _required("uses_left", Integer),
    Column("expires_at", UtcDateTime),
    _required("created_by", BigInteger),
    _required("created_at", UtcDateTime),
    CheckConstraint("units >= 0 AND uses_left >= 0", name="counts"),
)
invite_uses = Table(
    "invite_uses",
    metadata,
    _required("token", String(32), ForeignKey(invites.c.token), primary_key=True),
    _required("user_id", BigInteger, primary_key=True, autoincrement=False),
    _required("used_at", UtcDateTime),
)

# What a person has begun by buttons and not sent: choices made, words still to come.
drafts = Table(
    "drafts",
    metadata,
    _required("id", RowId, primary_key=True),
    _required("chat_id", BigInteger),
    _required("user_id", BigInteger, index=True),
    Column("thread_id", BigInteger),
    Column("message_id", BigInteger),  # the bot's own, with the keyboard or the question
    _required("kind", String),
    _required("data", JSON),
    _required("created_at", UtcDateTime),
    Index(None, "chat_id", "message_id"),
)

# Small facts shared by all processes: what is paused, say.
controls = Table(
    "controls",
    metadata,
    _required("name", String, primary_key=True),
    _required("value", JSON),
    _required("changed_at", UtcDateTime),
    Column("changed_by", BigInteger),
)

# Telegram's limits, as several processes keep them together. 0: all chats.
paces = Table(
    "paces",
    metadata,
    _required("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("closed_until", UtcDateTime),  # after a 429
    Column("next_call", UtcDateTime),  # not before
)

broadcasts = Table(
    "broadcasts",
    metadata,
    _required("id", RowId, primary_key=True),
    _required("actor_id", BigInteger),
    _required("chat_id", BigInteger),  # where the message to copy is
    _required("message_id", BigInteger),
    _required("state", Word(BroadcastState)),
    Column("status_message_id", BigInteger),
    _required("after_user_id", BigInteger, server_default=text("0")),  # those up to it have it
    _count("sent"),
    _count("failed"),
    _count("blocked"),
    Column("runner", String),  # the process at work on it, under a lease
    Column("runner_until", UtcDateTime),
    _required("created_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    _one_of("state", BroadcastState),
)

# What stays of people who asked to be forgotten, under a keyed hash of their id.
forgotten = Table(
    "forgotten",
    metadata,
    _required("key", String(64), primary_key=True),
    _required("data", JSON),
    _required("at", UtcDateTime),
)

# What moderation did, for the owner; no prompts and no people.
verdicts = Table(
    "verdicts",
    metadata,
    _required("day", Date, primary_key=True),
    _required("source", String, primary_key=True),
    _required("stage", String, primary_key=True),
    _required("status", String, primary_key=True),
    _required("count", Integer),
    CheckConstraint("stage IN ('prompt', 'image')", name="stage"),
    CheckConstraint("status IN ('blocked', 'unchecked')", name="status"),
    CheckConstraint("count > 0", name="count"),
)

submissions = Table(
    "submissions",
    metadata,
    _required("id", RowId, primary_key=True),
    _required("job_id", RowId, ForeignKey(jobs.c.id), index=True),
    _required("part", Integer),
    _required("provider", String),
    _required("state", Word(SubmissionState)),
    Column("remote_id", String),
    _required("created_at", UtcDateTime),
    _required("images", Integer, server_default=text("4")),  # the default is for older rows
    _one_of("state", SubmissionState),
    Index(None, "provider", "created_at"),
)

OPEN = submissions.c.state != literal_column("'ended'")
Index(
    "uq_submissions_open",
    submissions.c.job_id,
    submissions.c.part,
    unique=True,
    sqlite_where=OPEN,
    postgresql_where=OPEN,
)

artifacts = Table(
    "artifacts",
    metadata,
    _required("id", RowId, primary_key=True),
    _required("job_id", RowId, ForeignKey(jobs.c.id)),
    _required("part", Integer),
    _required("position", Integer),
    _required("sha256", String(64), index=True),
    _required("media_type", String),
    _required("width", Integer),
    _required("height", Integer),
    Column("seed", BigInteger),
    _required("size", BigInteger),
    Column("file_id", String),
    _required("created_at", UtcDateTime),
    UniqueConstraint("job_id", "part", "position"),
)
