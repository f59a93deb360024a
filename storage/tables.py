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

from storage.records import DeliveryState, JobState, SubmissionState


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
    _required("banned", Boolean, server_default=false()),
    _required("minute", BigInteger, server_default=text("0")),  # since the epoch
    _count("requests"),  # in that minute
    Column("seen_at", UtcDateTime),
)

chats = Table(
    "chats",
    metadata,
    _required("id", BigInteger, primary_key=True, autoincrement=False),
    _required("kind", String),
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


def _partial(name: str, *columns: Column[Any], where: Any) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


_partial("ix_jobs_queue", jobs.c.turn, jobs.c.id, where=QUEUED)
_partial("ix_jobs_unfinished", jobs.c.user_id, jobs.c.state, where=UNFINISHED)
_partial("ix_jobs_leases", jobs.c.lease_until, where=RUNNING)
_partial("ix_jobs_deliveries", jobs.c.delivery_due, jobs.c.id, where=UNDELIVERED)
_partial("ix_jobs_queue_time", jobs.c.turn, where=CLAIMED_ONCE)
_partial("ix_jobs_user_time", jobs.c.user_id, jobs.c.turn, where=CLAIMED_ONCE)
_partial("ix_jobs_durations", jobs.c.provider, jobs.c.model, jobs.c.finished_at, where=SUCCEEDED)

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

# Append-only: triggers refuse UPDATE and DELETE. Units are positive, the kind gives the sign:
# held = hold - capture - release, spent = capture, extra = grant - capture.
ledger = Table(
    "ledger",
    metadata,
    _required("id", RowId, primary_key=True),
    _required("user_id", BigInteger),
    Column("job_id", BigInteger),
    _required("kind", String),
    Column("day", Date),  # that the daily units belong to
    _required("daily", Integer),
    _required("extra", Integer),
    _required("created_at", UtcDateTime),
    CheckConstraint("kind IN ('hold', 'capture', 'release', 'grant')", name="kind"),
    CheckConstraint("daily >= 0 AND extra >= 0 AND daily + extra > 0", name="units"),
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
