"""Rows as plain frozen records. Every datetime is timezone-aware UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

UNLIMITED = 10**9
"""A daily limit that is told as none; the sums of two such fit every engine's integers."""


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    CENSORED = "censored"
    FAILED = "failed"
    CANCELED = "canceled"


class DeliveryState(StrEnum):
    """NONE until the job has an outcome; then PENDING until Telegram took it or never will."""

    NONE = "none"
    PENDING = "pending"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"


class SubmissionState(StrEnum):
    SUBMITTING = "submitting"  # stored before the POST
    SUBMITTED = "submitted"  # the remote id is known
    ENDED = "ended"


class LedgerKind(StrEnum):
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    GRANT = "grant"
    REVOKE = "revoke"  # extra units taken back
    RESET = "reset"  # today's use forgiven
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"


class BroadcastState(StrEnum):
    PREVIEW = "preview"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class User:
    """language: Telegram's word; locale: the one chosen here. preferences: the last choices.

    A ban without `banned_until` is for good. blocked_until: the pause for its strikes. A group whose
    members are all allowed has an entry too.
    """

    id: int
    username: str | None
    language: str | None
    banned: bool
    name: str | None = None
    locale: str | None = None
    preferences: dict[str, Any] | None = None
    role: str | None = None
    allowed: bool = False
    banned_until: datetime | None = None
    ban_reason: str | None = None
    strikes: int = 0
    struck_at: datetime | None = None
    blocked_until: datetime | None = None

    def banned_at(self, now: datetime) -> bool:
        return self.banned and (self.banned_until is None or self.banned_until > now)


@dataclass(frozen=True, slots=True)
class Chat:
    id: int
    kind: str  # private, group, supergroup, channel
    enabled: bool
    title: str | None = None
    settings: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class QuotaView:
    """What a user has. left = daily_left + extra_left; held units are already taken off both."""

    daily_limit: int
    daily_left: int
    extra_left: int
    held: int
    resets_at: datetime

    @property
    def left(self) -> int:
        return self.daily_left + self.extra_left

    @property
    def unlimited(self) -> bool:
        return self.daily_limit >= UNLIMITED


@dataclass(frozen=True, slots=True)
class QuotaDay:
    """The quota's calendar at one moment, worked out by the caller from QUOTA_TIMEZONE.

    day: the local date that daily units belong to; resets_at: when the next one begins (UTC).
    """

    day: date
    resets_at: datetime
    daily_limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """`spec` is the use cases' own JSON; storage never looks inside.

    language: of the words about it; parent_id: the job it goes on from. reply_to: the message that
    the job's own replies to, where that isn't the command (a button has no message of its own: its
    message_id is a negative number that is the same whenever that press comes again).
    """

    chat_id: int
    message_id: int
    thread_id: int | None
    user_id: int
    chat_kind: str
    provider: str
    model: str
    cost: int
    spec: dict[str, Any]
    deadline: datetime
    language: str | None = None
    parent_id: int | None = None
    reply_to: int | None = None  # None: message_id
    inline_message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(NewJob):
    id: int
    state: JobState
    reason: str | None  # why it failed or was censored: a key of `bot/texts`
    reason_data: dict[str, Any]
    turn: int
    attempts: int
    lease: str | None
    lease_until: datetime | None
    cancel_requested: bool
    status_message_id: int | None
    delivery: DeliveryState
    delivery_attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    delete_due: datetime | None = None
    pooled: bool = False  # the chat's shared units pay


@dataclass(frozen=True, slots=True)
class FreeMessage:
    """A job's message, None where there is none. held: by this very process."""

    message_id: int | None
    held: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended.

    units: what to capture of its hold (0 releases all of it).
    provider, model: who made it, where that isn't whom it was queued for.
    """

    state: JobState
    units: int = 0
    reason: str | None = None
    reason_data: dict[str, Any] | None = None
    provider: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """part: the number of its first picture, from 0; images: how many it is for."""

    id: int
    job_id: int
    part: int
    provider: str
    state: SubmissionState
    remote_id: str | None
    created_at: datetime
    images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArtifact:
    part: int  # its submission's
    position: int  # within its submission
    sha256: str
    media_type: str
    width: int
    height: int
    seed: int | None
    size: int  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact(NewArtifact):
    id: int
    job_id: int
    file_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KnownPicture:
    """A picture that Telegram has, with what its job was asked for and what became of it."""

    artifact_id: int
    file_id: str
    spec: dict[str, Any]
    reason_data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCount:
    """So many prompts or pictures (`stage`) that `source` blocked that day, or couldn't check."""

    day: date
    source: str
    stage: str
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class AuditLine:
    """target_id: a user, a chat or a job, as the action has it."""

    id: int
    at: datetime
    actor_id: int
    action: str
    target_id: int | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Broadcast:
    """message_id, in chat_id: what to copy. status_message_id: where its author sees how it goes."""

    id: int
    actor_id: int
    chat_id: int
    message_id: int
    state: BroadcastState
    status_message_id: int | None
    sent: int
    failed: int
    blocked: int


@dataclass(frozen=True, slots=True)
class Invite:
    """units: extra ones for whoever comes by it. Without `expires_at` it works until it is used up."""

    token: str
    units: int
    uses_left: int
    expires_at: datetime | None
    created_by: int


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """A message that a job's outcome would have been shown in."""

    job_id: int
    chat_id: int
    message_id: int | None


@dataclass(frozen=True, slots=True)
class ForgottenJobs:
    """How many jobs were emptied, the keys of their pictures, and what is left in chats of those
    that had no outcome there.
    """

    count: int
    pictures: tuple[str, ...]
    open_messages: tuple[OpenMessage, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Of a job among those that ended, in the order in which they did."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class EmptiedJobs:
    """How many jobs were emptied, the keys of the pictures they had or were given, and the place of
    the last of them; None where none was left.
    """

    count: int
    pictures: frozenset[str]
    last: Place | None


@dataclass(frozen=True, slots=True)
class GivenPictures:
    """Keys that a page of requests names; `last` is the page's last job, None after the last page."""

    pictures: frozenset[str]
    last: int | None


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A picture in the blob store. put_at: when it was put the last time."""

    key: str
    put_at: datetime


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database has: rows by table, units in the ledger by kind (daily, extra), and all keys
    of pictures that anything in it names.
    """

    revision: str
    rows: Mapping[str, int]
    books: Mapping[str, tuple[int, int]]
    pictures: frozenset[str]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """alive: the lease still holds (False: someone else has the job, stop at once)."""

    alive: bool
    cancel_requested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """A request still being put together. `kind` says whose `data` (JSON) it is: storage never
    looks inside. message_id: the bot's own, with the keyboard or the question, once it is sent.
    """

    chat_id: int
    user_id: int
    thread_id: int | None
    kind: str
    data: Mapping[str, Any]
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    id: int
    chat_id: int
    user_id: int
    thread_id: int | None
    message_id: int | None
    kind: str
    data: dict[str, Any]
    created_at: datetime
