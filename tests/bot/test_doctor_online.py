"""What the doctor learns from Telegram's answers: the webhook's state, and the time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import WebhookInfo

from bot.doctor.clock import examine_clock
from bot.doctor.findings import Finding, Mark
from bot.doctor.webhook import MANY_PENDING, examine_webhook
from bot.playground import Playground
from bot.playground.faults import refusal
from bot.settings import Settings
from bot.telegram.client import build_bot
from providers.clock import SystemClock
from tests.bot.harness import ANN, settings_for
from tests.fakes.clock import FakeClock

OURS = "http://127.0.0.1:9/hook"
NOW = datetime.now(UTC)  # noqa: TID251 - a server's header has the real time
POSTGRES = "postgresql+asyncpg://bot@127.0.0.1/bot"


@pytest.fixture
async def playground() -> AsyncIterator[Playground]:
    async with Playground.start() as playground:
        yield playground


@pytest.fixture
async def bot(playground: Playground, tmp_path: Path) -> AsyncIterator[Bot]:
    made = build_bot(settings_for(playground, tmp_path))
    yield made
    await made.session.close()


async def told(bot: Bot, url: str | None) -> list[tuple[Mark, str]]:
    return [(each.mark, each.text) async for each in examine_webhook(bot, url, NOW)]


async def test_long_polling_and_no_webhook(bot: Bot) -> None:
    assert await told(bot, None) == [(Mark.GOOD, "no webhook at Telegram, 0 waiting")]


async def test_a_webhook_that_polling_will_remove(bot: Bot) -> None:
    await bot.set_webhook(OURS)
    assert await told(bot, None) == [
        (Mark.NOTE, "Telegram has a webhook; the next start removes it")
    ]


async def test_a_webhook_as_it_should_be(bot: Bot) -> None:
    await bot.set_webhook(OURS)
    assert await told(bot, OURS) == [(Mark.GOOD, "Telegram calls WEBHOOK_URL, 0 waiting")]


async def test_a_webhook_that_is_not_set_or_another(bot: Bot) -> None:
    ((first, words),) = await told(bot, OURS)
    assert first is Mark.NOTE and "doesn't know" in words
    await bot.set_webhook(OURS + "/other")
    ((second, words),) = await told(bot, OURS)
    assert second is Mark.NOTE and "another one" in words and "hook" not in words


async def test_calls_that_do_not_get_through(bot: Bot, playground: Playground) -> None:
    """Nobody listens there: Telegram notes it, and keeps what it has."""
    await bot.set_webhook(OURS)
    await playground.send(ANN, ANN, "/help")
    async for info in _infos(bot):
        if info.last_error_message:
            break
    where, failed = await told(bot, OURS)
    assert where == (Mark.GOOD, "Telegram calls WEBHOOK_URL, 1 waiting")
    assert failed[0] is Mark.NOTE and "last call failed 0 minutes ago: " in failed[1]


async def _infos(bot: Bot) -> AsyncIterator[WebhookInfo]:
    while True:
        yield await bot.get_webhook_info()


async def test_many_that_wait(bot: Bot, playground: Playground) -> None:
    for _ in range(MANY_PENDING):
        await playground.send(ANN, ANN, "/help")
    _, waiting = await told(bot, None)
    assert waiting == (Mark.NOTE, f"{MANY_PENDING} wait at Telegram; is the bot running?")


async def test_telegram_tells_nothing(bot: Bot, playground: Playground) -> None:
    playground.faults.add("getWebhookInfo", refusal(500, "Internal Server Error"))
    assert [mark for mark, _ in await told(bot, None)] == [Mark.NOTE]


@pytest.mark.parametrize(
    ("ahead", "database", "wanted"),
    [
        (0, None, (Mark.GOOD, "agrees")),
        (60, None, (Mark.NOTE, "s ahead of")),
        (-60, POSTGRES, (Mark.BAD, "s behind")),
        (9, POSTGRES, (Mark.NOTE, "s ahead of")),
    ],
)
async def test_the_clock(
    playground: Playground,
    tmp_path: Path,
    ahead: float,
    database: str | None,
    wanted: tuple[Mark, str],
) -> None:
    (found,) = await _at(
        playground,
        tmp_path,
        SystemClock().now() + timedelta(seconds=ahead + 0.5),
        database_url=database,
    )
    mark, words = wanted
    assert found.mark is mark and words in found.text


async def _at(playground: Playground, folder: Path, now: datetime, **changes: Any) -> list[Finding]:
    settings: Settings = settings_for(playground, folder, **changes)
    return [each async for each in examine_clock(settings, FakeClock(now))]


async def test_a_server_that_is_away_tells_no_time(playground: Playground, tmp_path: Path) -> None:
    assert await _at(playground, tmp_path, NOW, telegram_api_url="http://127.0.0.1:1") == []
