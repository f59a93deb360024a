"""What Telegram tells one process, all of them heed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.telegram.pace import Pace
from bot.telegram.shared_pace import LOOK_EVERY, SharedPace
from providers.clock import SystemClock
from storage.engine import open_storage
from storage.news import News

pytestmark = pytest.mark.postgres

CLOCK = SystemClock()


@asynccontextmanager
async def process(database: str) -> AsyncIterator[Pace]:
    storage = await open_storage(database)
    pace = Pace(CLOCK.monotonic)
    shared = SharedPace(pace, storage, CLOCK)

    def hear(news: News, details: str) -> None:
        if news is News.PACES:
            shared.hear(details)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(shared.run()), group.create_task(storage.listen(hear))]
            try:
                yield pace
            finally:
                for task in tasks:
                    task.cancel()
    finally:
        await storage.close()


async def closed(pace: Pace, chat_id: int) -> float:
    async with asyncio.timeout(2 * LOOK_EVERY):  # news may come before there are ears
        while not (seconds := pace.closed_for(chat_id)):  # noqa: ASYNC110 - another process rings no bell
            await asyncio.sleep(0.02)
    return seconds


async def test_a_429_closes_the_chat_to_all(database: str) -> None:
    async with process(database) as one, process(database) as other:
        one.close(-7, 600)
        assert 500 < await closed(other, -7) <= 600
        async with process(database) as late:  # started when all was said
            assert 500 < await closed(late, -7) <= 600
        assert other.closed_for(8) == 0
