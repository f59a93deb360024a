"""One of many: an advisory lock on a connection of its own, which ends with its holder."""

import asyncio
from contextlib import AsyncExitStack

from sqlalchemy import URL

from storage.connecting import own_connection
from storage.errors import DatabaseAway
from storage.leadership import Leadership
from storage.outages import noticing

TRY_EVERY = 1.0  # seconds

_TRY = "SELECT pg_try_advisory_lock(0, $1::int)"


class _Locked(Leadership):
    def __init__(self, lost: asyncio.Event, connection: AsyncExitStack) -> None:
        super().__init__()
        self.lost = lost
        self._connection = connection

    async def release(self) -> None:
        await self._connection.aclose()


async def lead(url: URL, what: int) -> Leadership:
    """Waits until nobody else does; the database's absence is waited out."""
    while True:
        async with AsyncExitStack() as stack:
            try:
                connection, lost = await stack.enter_async_context(own_connection(url))
                while not lost.is_set():
                    with noticing:
                        is_ours = await connection.fetchval(_TRY, what)
                    if is_ours:
                        return _Locked(lost, stack.pop_all())
                    await asyncio.sleep(TRY_EVERY)
            except DatabaseAway:
                pass
        await asyncio.sleep(TRY_EVERY)
