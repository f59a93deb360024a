"""A part that runs in one process at a time: the others stand by, and one of them takes over."""

import asyncio
from collections.abc import Callable

import structlog

from bot.lifecycle import Component
from storage.base import Storage
from storage.leadership import Leadership

log = structlog.get_logger(__name__)


class Sole:
    """make: a fresh part for each time that this process's turn comes."""

    def __init__(self, storage: Storage, what: int, make: Callable[[], Component]) -> None:
        self._storage = storage
        self._what = what
        self._make = make
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            stopping = group.create_task(self._stopping.wait())
            while not self._stopping.is_set():
                waiting = group.create_task(self._storage.lead(self._what))
                await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    waiting.cancel()
                    return
                await self._lead(waiting.result(), stopping, group)

    async def _lead(
        self, leadership: Leadership, stopping: asyncio.Task[bool], group: asyncio.TaskGroup
    ) -> None:
        log.info("this process's turn")
        part = self._make()
        running = group.create_task(part.run())
        lost = group.create_task(leadership.lost.wait())
        try:
            await asyncio.wait({running, lost, stopping}, return_when=asyncio.FIRST_COMPLETED)
            part.stop()
            await running
        finally:
            lost.cancel()
            await leadership.release()
