import asyncio
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from PIL import Image

from bot.playground import Playground
from tests.fakes.bot_api_schema import BotApiSchema
from tests.fakes.browser import Browser, browser
from tests.playground.client import Client
from tests.playground.echo_bot import EchoBot


class HandClock:
    """Stands still until a test turns it."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self._start = self._now

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.turn(seconds)
        await asyncio.sleep(0)

    def turn(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def schema() -> BotApiSchema:
    return BotApiSchema()


@pytest.fixture
async def playground(clock: HandClock, schema: BotApiSchema) -> AsyncIterator[Playground]:
    async with Playground.start(clock=clock, webhook_retry_seconds=0.01) as running:
        yield running
        for call in running.calls:
            if call.ok:
                schema.check_call(call)


@pytest.fixture
async def client(playground: Playground) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession() as session:
        yield Client(session, playground)


@pytest.fixture
async def bot(client: Client) -> AsyncIterator[EchoBot]:
    echo = EchoBot(client, picture(640, 360))
    async with asyncio.TaskGroup() as group:
        running = group.create_task(echo.run())
        yield echo
        running.cancel()


@pytest.fixture
async def page(bot: EchoBot, playground: Playground, tmp_path: Path) -> AsyncIterator[Browser]:
    """The page as a newcomer finds it; it must load nothing from elsewhere and log no error."""
    async with browser(tmp_path / "browser") as tab:
        await tab.show_as(1200, 760)
        await tab.goto(playground.url)
        await tab.wait_for("document.querySelector('.hint')")
        yield tab
        assert tab.faults == []
        assert [each for each in tab.requested if playground.url not in each] == []


def picture(width: int = 64, height: int = 48, kind: str = "PNG") -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(encoded, kind)
    return encoded.getvalue()
