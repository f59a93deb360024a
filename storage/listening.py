"""LISTEN: a connection of its own for each process, opened again whenever it ends."""

import asyncio

import structlog
from sqlalchemy import URL

from storage.connecting import own_connection
from storage.errors import DatabaseAway
from storage.news import Hear, News
from storage.outages import noticing

AGAIN = 1.0  # seconds between tries to listen

log = structlog.get_logger(__name__)


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
        with noticing:
            for news in News:
                await connection.add_listener(
                    news.value, lambda _, __, channel, details: hear(News(channel), details)
                )
        hear(News.JOBS, "")
        hear(News.DELIVERIES, "")
        await ended.wait()
