"""A whole flow blocks no loop, leaves no task behind, and speaks the Bot API as it is described."""

import asyncio
from pathlib import Path

import pytest
from blockbuster import BlockBuster, BlockingError

from bot.playground import Playground
from providers.testing import FakeProvider, hang
from storage.blobs import FileBlobs
from tests.bot.harness import GROUP, Flow, flow
from tests.fakes.bot_api_schema import BotApiSchema


async def use_everything(chat: Flow) -> None:
    """Something of everything the bot calls Telegram for."""
    await chat.turn_on()
    for text in ("/start", "/help", "/quota", "/styles", "/models", "/imagine --oops 1 a fox"):
        await chat.say(text)
    await chat.say("/imagine a fox --n 2")
    await chat.see_picture()
    await chat.say("/imagine", chat=GROUP)
    await chat.say("/imagine a bear", chat=GROUP)
    status = await chat.see_text(" %", chat=GROUP)
    await chat.playground.press(1001, GROUP, status.message_id, "Cancel")
    await chat.see_text("Canceled", chat=GROUP)


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_every_call_of_a_flow_is_as_the_bot_api_describes_it(
    tmp_path: Path, webhook: bool
) -> None:
    schema = BotApiSchema()
    provider = FakeProvider(lambda asked: hang() if asked.prompt == "a bear" else hang(done()))
    async with Playground.start() as playground:
        async with flow(tmp_path, provider, webhook=webhook, playground=playground) as chat:
            await use_everything(chat)
        methods = {call.method for call in playground.calls}
        assert {"sendMessage", "editMessageText", "editMessageMedia", "setMyCommands"} <= methods
        assert "answerCallbackQuery" in methods
        for call in playground.calls:
            assert call.ok or call.answer is None or call.method == "getUpdates", call
            schema.check_call(call)


def done() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_a_flow_leaves_no_task_behind(tmp_path: Path, webhook: bool) -> None:
    before = asyncio.all_tasks()
    async with Playground.start() as playground:
        served = asyncio.all_tasks()
        async with flow(tmp_path, webhook=webhook, playground=playground) as chat:
            await chat.say("/imagine a fox")
            await chat.see_picture()
            assert len(asyncio.all_tasks() - served) >= 5
        left = [task for task in asyncio.all_tasks() - served if "aiohttp" not in str(task)]
        assert not left
    assert asyncio.all_tasks() == before


async def test_a_flow_never_blocks_the_event_loop(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        guard = BlockBuster(["bot", "storage", "providers"], excluded_modules=["bot.playground"])
        guard.activate()
        try:
            await chat.say("/imagine a fox --n 2")
            await chat.see_picture()
            await chat.say("/imagine a bear")
            await chat.playground.wait_until(
                lambda: sum(m.photo is not None for m in chat.bot_messages()) == 2
            )
            with pytest.raises(BlockingError):
                FileBlobs(tmp_path)._put(b"on the loop")
        finally:
            guard.deactivate()
