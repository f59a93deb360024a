"""What the status board knows of one unfinished job's message: what it shows, and what it should."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from bot.i18n import use_locale
from bot.texts import everyday as texts
from bot.texts import operations as texts_operations
from bot.usecases.estimate import Standing
from bot.usecases.spec import JobSpec
from storage.records import Job

PROGRESS_STEPS = 20  # a message is edited at most this often for progress


@dataclass(slots=True)
class Card:
    job: Job
    message_id: int | None
    lease_until: datetime | None = None  # while it runs here
    mine: bool = True  # no other process is at the message, nor will be while the job runs here
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    closed: bool = False
    running: bool = False
    stopping: bool = False
    unsendable: bool = False  # a send's fate is unknown, or the chat can't be reached
    fraction: float = 0.0
    preview: bytes | None = None  # the newest, until it is shown
    is_photo: bool = False  # as far as known: another process may have shown a preview
    words_only: bool = False  # Telegram takes no picture here
    standing: Standing | None = None
    held: bool = False  # by a pause
    refreshed_at: float = float("-inf")
    shown: str = ""
    _spec: JobSpec | None = None

    @property
    def spec(self) -> JobSpec:
        """Read when it is first needed: at a start there may be thousands of cards."""
        if self._spec is None:
            self._spec = JobSpec.load(self.job.spec)
        return self._spec

    def wanted(self) -> str:
        with use_locale(self.job.language):
            return self._words()

    def _words(self) -> str:
        if self.stopping:
            return texts.stopping(self.spec)
        if not self.running:
            if self.held:
                return texts_operations.held(self.spec, self.standing)
            return texts.queued(self.spec, self.standing, self.job.cost)
        steps = int(self.fraction * PROGRESS_STEPS)
        if steps == 0:
            return texts.starting(self.spec)
        return texts.running(self.spec, steps / PROGRESS_STEPS)
