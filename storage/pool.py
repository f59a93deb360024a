"""Connections that wait for their next transaction.

Not asyncpg's own pool: that takes a connection whose line ends away from under whoever has it, and
makes a task of every return (docs/decisions/0020-connections.md).
"""

import asyncio
from typing import Any

from sqlalchemy import URL

from storage.connecting import connect
from storage.outages import noticing

PATIENCE = 30.0  # seconds to wait for a connection that others have
FAREWELL = 2.0  # seconds for one to be closed properly


class Pool:
    """`size` places, each with a connection or for one. Whoever takes one has it until it is put back."""

    def __init__(self, url: URL, size: int) -> None:
        self.size = size
        self._url = url
        self._places: asyncio.LifoQueue[Any] = asyncio.LifoQueue()
        for _ in range(size):
            self._places.put_nowait(None)

    async def take(self) -> Any:
        """The one used last if it is still open, else a new one. Raises DatabaseAway."""
        with noticing:
            waiting = await self._place()
            if waiting is not None and not waiting.is_closed():
                return waiting
            try:
                return await connect(self._url)
            except BaseException:
                self._places.put_nowait(None)
                raise

    async def _place(self) -> Any:
        if not self._places.empty():
            return self._places.get_nowait()
        async with asyncio.timeout(PATIENCE):
            return await self._places.get()

    def put_back(self, connection: Any) -> None:
        """Also one that has ended: its place is free then."""
        self._places.put_nowait(connection)

    async def close(self) -> None:
        """Those in use are left to whoever has them."""
        waiting = [self._places.get_nowait() for _ in range(self._places.qsize())]
        await asyncio.gather(
            *(each.close(timeout=FAREWELL) for each in waiting if each is not None),
            return_exceptions=True,  # asyncpg ends those that it couldn't take leave of
        )
