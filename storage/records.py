"""Rows as plain frozen records. Every datetime is timezone-aware UTC."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


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


@dataclass(frozen=True, slots=True)
class User:
    id: int
    username: str | None
    language: str | None
    banned: bool


@dataclass(frozen=True, slots=True)
class Chat:
    id: int
    kind: str  # private, group, supergroup, channel
    enabled: bool


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
    """`spec` is the use cases' own JSON; storage never looks inside."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(NewJob):
    id: int
    state: JobState
    reason: str | None  # why it failed or was censored: a key of `bot/texts.py`
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


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCount:
    """So many prompts or pictures (`stage`) that `source` blocked that day, or couldn't check."""

    day: date
    source: str
    stage: str
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """alive: the lease still holds (False: someone else has the job, stop at once)."""

    alive: bool
    cancel_requested: bool
