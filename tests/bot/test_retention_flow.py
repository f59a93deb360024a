"""A request that was emptied: the history has it still, its buttons say that it is gone."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.upkeep.housekeeping import START, Housekeeper
from bot.usecases.retention import Retention, Swept
from storage.blobs import FileBlobs
from tests.bot.harness import Flow, flow
from tests.bot.test_result_buttons import press
from tests.fakes.clock import FakeClock


async def emptied(chat: Flow, folder: Path) -> Swept:
    storage, clock = chat.app.delivery._storage, chat.app.delivery._clock
    return await Retention(storage, FileBlobs(folder), clock, keep=timedelta(0))()


async def test_an_emptied_request_says_that_it_is_gone(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine a fox")
        await chat.delivered()
        picture = await chat.see_picture()
        assert (await emptied(chat, tmp_path / "pictures")).emptied == 1
        answer = await press(chat, picture, "Again")
        assert "don't have this picture any more" in answer.text
        assert await chat.job(2) is None
        await chat.say("/history")
        await chat.see(lambda m: m.message_id > picture.message_id and m.photo is not None)
        await chat.say("/imagine a bear")
        await chat.delivered(2)
        assert len(list((tmp_path / "pictures").glob("??/??/*"))) == 2  # too young to go


class FakeRetention(Retention):
    def __init__(self, *results: Swept | Exception) -> None:
        self.results = list(results)

    async def __call__(self) -> Swept:
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        return result


async def test_housekeeping_goes_on_after_a_failure_and_tells_once() -> None:

    clock, told = FakeClock(), list[str]()
    retention = FakeRetention(Swept(strangers=7), RuntimeError("odd"), Swept(strangers=7), Swept())
    keeper = Housekeeper(retention, lambda words: told.append(words()), clock)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(keeper.run())
        await clock.until_sleeping()
        await clock.advance(START)
        for _ in range(3):
            await clock.advance_to_next()
        await clock.until_sleeping()
        task.cancel()
    assert retention.results == [] and len(told) == 1 and "7 stored pictures" in told[0]
