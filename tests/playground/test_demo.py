"""The demo's playground across restarts, and tabs that leave it."""

import asyncio
import logging

import pytest

from bot.playground import ANN, BORIS, GROUP, Playground, demo
from tests.playground.conftest import picture


async def test_a_restarted_demo_gives_no_id_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's database outlives the chats: a known id would be taken for a repeated update."""
    monkeypatch.setattr(demo, "PORT", 0)
    async with demo._fresh_playground() as playground:
        said = await playground.send(ANN, ANN, "hello")
    assert said.message_id > 1_700_000_000


async def test_messages_and_files_are_numbered_after_an_earlier_playground() -> None:
    async with Playground.start() as first, Playground.start(numbered_after=500) as second:
        before = [await first.send_photo(ANN, chat, [picture()]) for chat in (ANN, GROUP)]
        after = [await second.send_photo(ANN, chat, [picture()]) for chat in (ANN, GROUP)]
    assert [each.message_id for (each,) in after] == [501, 501]
    names = {each.photo.unique_id for (each,) in [*before, *after] if each.photo}
    assert len(names) == 4


async def test_the_demos_world_has_a_forum_with_two_topics() -> None:
    async with Playground.start() as playground:
        await demo.furnish(playground)
        forum = playground.world.chats[demo.FORUM]
        assert forum.is_forum and list(forum.topics.values()) == ["Landscapes", "Animals"]
        for chat_id in (GROUP, demo.FORUM, demo.STORAGE):
            assert playground.world.chats[chat_id].has(playground.world.bot.id)


async def test_a_leaving_tab_is_no_error(
    playground: Playground, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    readers = playground.world.changes._readers
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", playground.port)
        host = f"127.0.0.1:{playground.port}"
        writer.write(f"GET /app/events?user={ANN} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        await writer.drain()
        writer.transport.abort()
    for number in range(40):
        await playground.send(BORIS, GROUP, f"{number} " + "x" * 3000)
        await asyncio.sleep(0)
    async with asyncio.timeout(60):
        while readers:
            await playground.send(BORIS, GROUP, "anybody there?")
            await asyncio.sleep(0)
    assert caplog.records == []
