"""Takes results out of chats that want them gone after a while (`auto_delete` of a chat's settings).

What is due stands with the job, so that a restart forgets nothing. A message that is gone already,
or that the bot may not delete, is let be.
"""

from contextlib import suppress
from datetime import timedelta

import structlog
from aiogram import Bot

from bot.telegram.errors import TELEGRAM_FAILURES, Fate, judge
from bot.telegram.pace import Pace
from providers.clock import Clock
from storage.base import Storage
from storage.errors import DatabaseAway
from storage.records import Job

EVERY = 10.0  # seconds between looks
LEASE = timedelta(minutes=1)  # until a deletion that nobody ended is tried again

log = structlog.get_logger(__name__)


class Sweeper:
    def __init__(self, bot: Bot, storage: Storage, pace: Pace, clock: Clock) -> None:
        self._bot = bot
        self._storage = storage
        self._pace = pace
        self._clock = clock
        self._refused: set[int] = set()  # chats where that was logged

    async def run(self) -> None:
        """For good; to be canceled at any time."""
        while True:
            try:
                with suppress(DatabaseAway):  # others say so; the next look is soon
                    await self.sweep()
            except Exception:
                log.exception("sweeping failed")
            await self._clock.sleep(EVERY)

    async def sweep(self) -> None:
        """All that is due now."""
        while (job := await self._claim()) is not None:
            await self._take_away(job)

    async def _claim(self) -> Job | None:
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            return await tx.jobs.claim_deletion(now=now, lease_until=now + LEASE)

    async def _take_away(self, job: Job) -> None:
        try:
            if job.status_message_id is not None:
                await self._bot.delete_message(job.chat_id, job.status_message_id)
        except TELEGRAM_FAILURES as error:
            judgement = judge(error)
            if judgement.fate is Fate.WAIT:
                self._pace.close(job.chat_id, judgement.seconds)
            if judgement.fate in (Fate.WAIT, Fate.UNKNOWN):
                return  # the lease brings it back
            self._note(job, judgement.fate)
        async with self._storage.transaction() as tx:
            await tx.jobs.end_deletion(job.id)

    def _note(self, job: Job, fate: Fate) -> None:
        if fate is not Fate.NO_MESSAGE and job.chat_id not in self._refused:
            self._refused.add(job.chat_id)
            log.warning("results can't be deleted", chat=job.chat_id, fate=fate.name)
