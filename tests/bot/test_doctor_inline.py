"""What the doctor says of inline mode, guest mode and the storage chat."""

from collections.abc import AsyncIterator

import pytest

from bot.doctor.findings import Finding, Mark
from bot.doctor.inline import examine_inline
from bot.playground import ANN, GROUP, Playground
from bot.telegram.client import build_bot
from tests.bot.harness import settings_for

CHANNEL = -1002000000051


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground.start() as running:
        yield running


async def found(
    playground: Playground, storage_chat_id: int | None, tmp_path
) -> dict[str, Finding]:
    bot = build_bot(settings_for(playground, tmp_path))
    try:
        findings = [each async for each in examine_inline(bot, storage_chat_id)]
    finally:
        await bot.session.close()
    assert all(call.method.startswith("get") for call in playground.calls), "nothing is posted"
    return {each.subject: each for each in findings}


async def test_all_is_well(playground: Playground, tmp_path) -> None:
    playground.add_channel(CHANNEL, "Storage", ANN)
    await playground.add_bot(CHANNEL, by=ANN, status="administrator")
    told = await found(playground, CHANNEL, tmp_path)
    assert {each.mark for each in told.values()} == {Mark.GOOD}
    assert "Storage" in told["STORAGE_CHAT_ID"].text and "/setinlinefeedback" in str(told)


async def test_a_private_chat_or_a_group_will_do(playground: Playground, tmp_path) -> None:
    await playground.start_bot(ANN)
    assert (await found(playground, ANN, tmp_path))["STORAGE_CHAT_ID"].mark is Mark.GOOD
    await playground.add_bot(GROUP, by=ANN)
    assert (await found(playground, GROUP, tmp_path))["STORAGE_CHAT_ID"].mark is Mark.GOOD


@pytest.mark.parametrize("chat_id", [GROUP, 77, CHANNEL])
async def test_a_chat_it_may_not_post_to(playground: Playground, tmp_path, chat_id: int) -> None:
    playground.add_channel(CHANNEL, "Storage", ANN)
    await playground.add_bot(CHANNEL, by=ANN)  # as a mere member
    assert (await found(playground, chat_id, tmp_path))["STORAGE_CHAT_ID"].mark is Mark.BAD


async def test_what_is_off_at_botfather(playground: Playground, tmp_path) -> None:
    playground.world.supports_inline = playground.world.supports_guests = False
    await playground.start_bot(ANN)
    told = await found(playground, ANN, tmp_path)
    assert told["inline mode"].mark is told["guest mode"].mark is Mark.NOTE
    assert await found(playground, None, tmp_path) == {}
    playground.world.supports_inline = True
    assert (await found(playground, None, tmp_path))["STORAGE_CHAT_ID"].mark is Mark.NOTE
