"""Who pays: the person, and where they haven't enough for all of a job, the chat they ask in.

A chat's shared units, its pool, are the account whose id is the chat's. Of a job's units one
account pays all.
"""

from dataclasses import replace
from datetime import datetime

from bot.usecases.errors import PoolUsedUp
from bot.usecases.quotas import QuotaRules
from providers.clock import Clock
from storage.base import Storage, Stores
from storage.errors import QuotaExceeded
from storage.records import Job, QuotaView


class Payer:
    """chat_daily_quota: units a day of every pool that has no limit of its own; 0: there is none."""

    def __init__(self, rules: QuotaRules, *, chat_daily_quota: int = 0) -> None:
        self._rules = rules
        self._pool_rules = replace(rules, daily_limit=chat_daily_quota)

    async def hold(self, tx: Stores, job: Job, now: datetime) -> Job:
        """Hold the units of a job just queued; returns it as it is then.

        Raises QuotaExceeded, or PoolUsedUp where there is a pool; nothing is held then.
        """
        day = await self._rules.day_of(job.user_id, tx, now)
        try:
            await tx.quotas.reserve(job.user_id, job.id, job.cost, day=day, now=now)
        except QuotaExceeded as refused:
            return await self._from_pool(tx, job, refused, now)
        return job

    async def pool(self, view: Stores, chat_id: int, now: datetime) -> QuotaView | None:
        """What a chat has left to share; None where it has no pool."""
        if chat_id >= 0:  # Telegram's groups and channels have negative ids
            return None
        found = await view.quotas.view(chat_id, day=self._pool_rules.day_at(now))
        return found if found.daily_limit or found.left or found.held else None

    async def _from_pool(self, tx: Stores, job: Job, refused: QuotaExceeded, now: datetime) -> Job:
        if job.inline_message_id is not None or await self.pool(tx, job.chat_id, now) is None:
            raise refused
        day = self._pool_rules.day_at(now)
        try:
            await tx.quotas.reserve(job.chat_id, job.id, job.cost, day=day, now=now)
        except QuotaExceeded as pool:
            raise PoolUsedUp(
                refused, pool_left=pool.left, zone=self._rules.timezone, now=now
            ) from pool
        await tx.jobs.mark_pooled(job.id)
        return replace(job, pooled=True)


class ShowPool:
    def __init__(self, storage: Storage, payer: Payer, clock: Clock) -> None:
        self._storage = storage
        self._payer = payer
        self._clock = clock

    async def __call__(self, chat_id: int) -> QuotaView | None:
        async with self._storage.reading() as view:
            return await self._payer.pool(view, chat_id, self._clock.now())
