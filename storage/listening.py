"""LISTEN: a connection of its own for each process, opened again whenever it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog
from sqlalchemy import URL

from storage.errors import DatabaseAway
from storage.news import Hear, News
from storage.outages import CONNECTING, noticing, watch

AGAIN = 1.0  # seconds between tries to listen

log = structlog.get_logger(__name__)


@asynccontextmanager
async def own_connection(url: URL) -> AsyncIterator[tuple[Any, asyncio.Event]]:
    """Outside the pool, and an event that is set when it has ended. Raises DatabaseAway."""
    ended = asyncio.Event()
    _, options = url.get_dialect()().create_connect_args(url)
    for ours in [name for name in options if name.startswith("prepared_statement")]:
        del options[ours]  # SQLAlchemy's own
    with noticing():
        connection = await asyncpg.connect(**options, **CONNECTING)
    connection.add_termination_listener(lambda _: ended.set())
    watch(connection)
    try:
        yield connection, ended
    finally:
        connection.terminate()


async def listen(url: URL, hear: Hear) -> None:
    """For ever. After each connecting everything is news: something may have been missed."""
    while True:
        try:
            await _listen_once(url, hear)
        except DatabaseAway as error:
            log.debug("not listening", reason=str(error))
        await asyncio.sleep(AGAIN)


async def _listen_once(url: URL, hear: Hear) -> None:
    async with own_connection(url) as (connection, ended):
        with noticing():
            for news in News:
                await connection.add_listener(
                    news.value, lambda _, __, channel, details: hear(News(channel), details)
                )
        hear(News.JOBS, "")
        hear(News.DELIVERIES, "")
        await ended.wait()
