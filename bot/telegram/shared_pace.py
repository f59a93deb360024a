"""A 429 that one process meets closes the chat to all of them."""

import asyncio
from datetime import datetime, timedelta

from bot.telegram.pace import Pace
from bot.usecases.outage import waits_out
from providers.clock import Clock
from storage.base import Storage

LOOK_EVERY = 30.0  # seconds: news may get lost


class SharedPace:
    def __init__(self, pace: Pace, storage: Storage, clock: Clock) -> None:
        self._pace = pace
        self._storage = storage
        self._clock = clock
        self._told: asyncio.Queue[tuple[int, datetime]] = asyncio.Queue()
        if storage.shared:
            pace.tell = self._tell

    def hear(self, details: str) -> None:
        """What another process, or this one, has told."""
        chat_id, until = details.split()
        self._close(int(chat_id), datetime.fromisoformat(until))

    async def run(self) -> None:
        """Until canceled."""
        if not self._storage.shared:
            return
        while True:
            await self._look()
            end = self._clock.monotonic() + LOOK_EVERY
            while (left := end - self._clock.monotonic()) > 0:
                try:
                    told = await asyncio.wait_for(self._told.get(), left)
                except TimeoutError:
                    break
                await self._store(*told)

    def _tell(self, chat_id: int, seconds: float) -> None:
        self._told.put_nowait((chat_id, self._clock.now() + timedelta(seconds=seconds)))

    def _close(self, chat_id: int, until: datetime) -> None:
        left = (until - self._clock.now()).total_seconds()
        if left > 0:
            self._pace.heard_closed(chat_id, left)

    @waits_out
    async def _look(self) -> None:
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            await tx.paces.forget(now=now)
            closed = await tx.paces.closed(now=now)
        for chat_id, until in closed.items():
            self._close(chat_id, until)

    @waits_out
    async def _store(self, chat_id: int, until: datetime) -> None:
        async with self._storage.transaction() as tx:
            await tx.paces.close(chat_id, until=until)
