"""Tells whoever waits that the playground's state moved: tests by predicate, pages by events."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from bot.playground.records import Json

Found = TypeVar("Found")

BACKLOG = 1000  # events a page may fall behind before it is told to start afresh


class Changes:
    def __init__(self) -> None:
        self._moved = asyncio.Event()
        self._readers: set[asyncio.Queue[Json]] = set()

    def publish(self, event: Json) -> None:
        self.wake()
        for reader in self._readers:
            if reader.qsize() < BACKLOG:
                reader.put_nowait(event)
            elif reader.qsize() == BACKLOG:
                reader.put_nowait({"kind": "reload"})

    def wake(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self) -> None:
        """Returns at the next change."""
        await self._moved.wait()

    async def wait_until(self, predicate: Callable[[], Found], timeout: float) -> Found:  # noqa: ASYNC109 - the public name tests use
        """What `predicate` returns once it is truthy.

        Raises:
            TimeoutError: it did not become so within `timeout` seconds of real time.
        """
        async with asyncio.timeout(timeout):
            while not (found := predicate()):
                await self.wait()
        return found

    @asynccontextmanager
    async def subscribed(self) -> AsyncIterator["asyncio.Queue[Json]"]:
        reader: asyncio.Queue[Json] = asyncio.Queue()
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
