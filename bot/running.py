"""A job while it runs in this process, and who is told of it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from providers.types import Progress
from storage.records import Job


class JobWatcher(Protocol):
    """Who shows a job's life in the chat. Called from the loop; must return at once."""

    def started(self, job: Job) -> None: ...

    def progressed(self, job: Job, progress: Progress) -> None: ...

    def kept(self, job: Job, lease_until: datetime) -> None: ...

    def lost(self, job: Job) -> None: ...

    def requeued(self, job: Job) -> None: ...

    def ended(self, job: Job) -> None: ...


@dataclass(slots=True)
class Running:
    """One claimed job in this process. `why` says what an interruption was for."""

    job: Job
    lease: str
    task: asyncio.Task[bool] | None = None
    why: str | None = None  # "cancel", "lost" or "stop"

    def interrupt(self, why: str) -> None:
        """The first time it waits for a call in hand (see `providers.calls`), but for no other stop."""
        if self.why is None or why == "stop":
            self.why = self.why or why
            if self.task is not None:
                self.task.cancel()
