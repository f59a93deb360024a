"""Long polling: what is acknowledged when, and what one update's failure means for the others."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Update

from bot.playground import ANN, BORIS, Playground
from bot.telegram.polling import Poller
from bot.telegram.session import session_to
from providers.clock import SystemClock


class Recorder:
    """Stands in for the dispatcher: remembers what it was fed, and does as told."""

    def __init__(self) -> None:
        self.fed: list[str] = []
        self.entered = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()

    def resolve_used_update_types(self) -> list[str]:
        return ["message"]

    async def feed_update(self, bot: Bot, update: Update) -> None:
        assert update.message is not None and update.message.text is not None
        self.entered.set()
        if not update.message.text.startswith("quick"):
            await self.hold.wait()
        self.fed.append(update.message.text)
        if update.message.text == "crash":
            raise RuntimeError("not even the error handler could")


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground.start() as playground:
        yield playground


@pytest.fixture
async def recorder(playground: Playground) -> AsyncIterator[Recorder]:
    recorder = Recorder()
    session = session_to(TelegramAPIServer.from_base(playground.api_url))
    bot = Bot(playground.token, session=session)
    poller = Poller(bot, recorder, SystemClock())  # type: ignore[arg-type]  # a fake dispatcher
    async with asyncio.TaskGroup() as group:
        task = group.create_task(poller.run())
        yield recorder
        poller.stop()
        await asyncio.wait({task})
    await session.close()


def polled_offsets(playground: Playground) -> list[int]:
    calls = [call for call in playground.calls if call.method == "getUpdates"]
    return [int(call.params.get("offset", 0)) for call in calls]


async def test_one_update_that_crashes_takes_no_other_with_it(
    playground: Playground, recorder: Recorder
) -> None:
    await playground.send(ANN, ANN, "crash")
    await playground.send(ANN, ANN, "after it")
    await playground.send(BORIS, BORIS, "elsewhere")
    await playground.wait_until(lambda: max(polled_offsets(playground), default=0) > 0)
    await playground.wait_until(lambda: len(recorder.fed) == 3)
    assert set(recorder.fed) == {"crash", "after it", "elsewhere"}


async def test_an_update_is_acknowledged_only_when_it_is_handled(
    playground: Playground, recorder: Recorder
) -> None:
    recorder.hold.clear()
    await playground.send(ANN, ANN, "hello")
    await recorder.entered.wait()
    assert set(polled_offsets(playground)) == {0}
    recorder.hold.set()
    await playground.wait_until(lambda: max(polled_offsets(playground)) > 0)
    assert recorder.fed == ["hello"]


async def test_what_takes_long_holds_up_no_other_chat_and_stays_unacknowledged(
    playground: Playground, recorder: Recorder
) -> None:
    recorder.hold.clear()
    await playground.send(ANN, ANN, "slow")
    await recorder.entered.wait()
    await playground.send(BORIS, BORIS, "quick")
    await playground.send(ANN, ANN, "quick, but after the slow one")
    await playground.wait_until(lambda: len(polled_offsets(playground)) >= 3)
    assert recorder.fed == ["quick"]
    assert set(polled_offsets(playground)) == {0}
    recorder.hold.set()
    last = max(playground.world.updates.pending)
    await playground.wait_until(lambda: max(polled_offsets(playground)) > last)
    assert recorder.fed == ["quick", "slow", "quick, but after the slow one"]
