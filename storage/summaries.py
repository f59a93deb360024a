"""What admins are told about all jobs together: counts and sums, worked out by the database."""

from dataclasses import dataclass
from datetime import datetime

from storage.records import JobState


@dataclass(frozen=True, slots=True)
class ProviderLoad:
    provider: str
    waiting: int
    running: int


@dataclass(frozen=True, slots=True)
class PersonLoad:
    user_id: int
    waiting: int
    running: int


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """oldest: when the longest waiting job was accepted. undelivered: outcomes not in the chat yet.

    people: those with the most unfinished jobs, most first.
    """

    providers: tuple[ProviderLoad, ...]
    people: tuple[PersonLoad, ...]
    oldest: datetime | None
    undelivered: int

    @property
    def waiting(self) -> int:
        return sum(load.waiting for load in self.providers)

    @property
    def running(self) -> int:
        return sum(load.running for load in self.providers)


@dataclass(frozen=True, slots=True)
class EndedCount:
    """So many jobs ended in this way at this provider; units: what they cost together."""

    state: JobState
    provider: str
    jobs: int
    units: int


@dataclass(frozen=True, slots=True)
class Spender:
    user_id: int
    jobs: int
    units: int


@dataclass(frozen=True, slots=True)
class Hold:
    """A job's reservation: held, captured or released."""

    state: str
    units: int
    captured: int
    created_at: datetime
    settled_at: datetime | None
