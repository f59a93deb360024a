"""What those who run the bot see and steer."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from storage.records import AuditLine, Broadcast, BroadcastState, VerdictCount
from storage.summaries import EndedCount, Hold, QueueSummary, Spender


class VerdictStore(Protocol):
    async def count(self, counted: VerdictCount) -> None:
        """Add to what is counted already for this day, source, stage and status."""
        ...

    async def since(self, day: date) -> list[VerdictCount]:
        """Of that day and later ones, by day, source, stage and status."""
        ...


class AuditStore(Protocol):
    async def add(
        self,
        actor_id: int,
        action: str,
        *,
        target_id: int | None = None,
        details: Mapping[str, Any] | None = None,
        now: datetime,
    ) -> None: ...

    async def newest(
        self, *, target_id: int | None = None, before: int | None = None, limit: int = 20
    ) -> list[AuditLine]:
        """Newest first; with `before`, those older than the line of that id."""
        ...


class ControlStore(Protocol):
    async def set(self, name: str, value: Any, *, by: int | None, now: datetime) -> None: ...

    async def keep_first(self, name: str, value: Any, *, now: datetime) -> Any:
        """The value there is; `value` where there was none. The same for all who ask at once."""
        ...

    async def clear(self, name: str) -> bool:
        """False where there was none."""
        ...

    async def get(self, name: str) -> Any:
        """None where there is none."""
        ...

    async def all(self) -> dict[str, Any]: ...


class BroadcastStore(Protocol):
    async def add(
        self, actor_id: int, *, chat_id: int, message_id: int, now: datetime
    ) -> Broadcast:
        """A preview: nothing is sent before `start`."""
        ...

    async def get(self, broadcast_id: int) -> Broadcast | None: ...

    async def audience(self, broadcast_id: int) -> int:
        """How many it has still to go to: private chats that aren't off, without the banned and
        without its author.
        """
        ...

    async def start(self, broadcast_id: int, *, status_message_id: int) -> bool:
        """True once."""
        ...

    async def end(self, broadcast_id: int, state: BroadcastState, *, now: datetime) -> bool:
        """As stopped or done, also one that never started. True once."""
        ...

    async def claim(self, runner: str, *, until: datetime, now: datetime) -> Broadcast | None:
        """The oldest that runs and is in nobody's hands (any more); `runner` is the fence."""
        ...

    async def release(self, broadcast_id: int, runner: str) -> None: ...

    async def is_held(self, broadcast_id: int, runner: str) -> bool:
        """Whether it still runs, and in these hands."""
        ...

    async def take(self, broadcast_id: int, runner: str, *, until: datetime) -> int | None:
        """Whom to send it to next; nobody else is given them again. None: nobody is left, or it is
        not held (any more). Holds it until `until`.
        """
        ...

    async def count(self, broadcast_id: int, what: str) -> None:
        """One more that was "sent", "failed" or "blocked"."""
        ...


class StatisticsStore(Protocol):
    """All jobs together, for those who run the bot. A time span is [since, until)."""

    async def queue(self, *, people: int) -> QueueSummary:
        """What is unfinished now; `people`: how many of those with the most jobs to name."""
        ...

    async def ended(self, since: datetime, until: datetime) -> list[EndedCount]:
        """Jobs that ended then, by outcome and provider."""
        ...

    async def seconds_to_picture(
        self,
        since: datetime,
        until: datetime,
        shares: Sequence[float],
        *,
        provider: str | None = None,
    ) -> tuple[float, ...]:
        """From acceptance to the outcome of the jobs that succeeded then: for each share (0.5 is
        the median) the time within which so many of them ended. Empty where none did.
        """
        ...

    async def spenders(self, since: datetime, until: datetime, *, limit: int) -> list[Spender]:
        """Whose jobs ended then, those who spent the most units first."""
        ...

    async def hold_of(self, job_id: int) -> Hold | None: ...

    async def job_shown_in(self, chat_id: int, message_id: int) -> int | None:
        """The job whose message this one of the bot's is."""
        ...
