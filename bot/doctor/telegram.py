"""The token, how updates come, and, only if asked for, whether Telegram answers."""

import asyncio
from collections.abc import AsyncIterator

from aiogram import Bot
from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError

from bot.doctor.clock import examine_clock
from bot.doctor.findings import Finding, Mark, bad, good, note
from bot.doctor.inline import examine_inline
from bot.doctor.webhook import examine_webhook
from bot.settings import Settings, WrongSetting
from bot.telegram.client import build_bot
from bot.telegram.errors import TELEGRAM_FAILURES
from providers.clock import SystemClock

PATIENCE = 15.0  # seconds


async def examine_telegram(settings: Settings) -> AsyncIterator[Finding]:
    """Asks nobody anything."""
    try:
        bot = build_bot(settings)
    except WrongSetting as error:
        yield bad(error.name, error.problem)
    else:
        await bot.session.close()
        yield good("BOT_TOKEN", "is set")
    if settings.webhook_url is None:
        yield good("updates", "by long polling")
    else:
        place = f"{settings.http_host}:{settings.http_port}"
        yield good("updates", f"by webhook, served on {place}")
    if not settings.admin_ids:
        yield note("ADMIN_IDS", "is not set: nobody can use the owner's commands")


async def examine_telegram_online(settings: Settings) -> AsyncIterator[Finding]:
    try:
        bot = build_bot(settings)
    except WrongSetting:
        return  # told already
    try:
        found = await _ask(bot, settings.telegram_api_url)
        yield found
        if found.mark is Mark.GOOD:
            clock = SystemClock()
            async for finding in examine_clock(settings, clock):
                yield finding
            async for finding in examine_webhook(bot, settings.webhook_url, clock.now()):
                yield finding
            async for finding in examine_inline(bot, settings.storage_chat_id):
                yield finding
    finally:
        await bot.session.close()


async def _ask(bot: Bot, url: str) -> Finding:
    try:
        async with asyncio.timeout(PATIENCE):
            me = await bot.me()
    except (TelegramUnauthorizedError, TelegramNotFound):
        return bad("BOT_TOKEN", f"{url} doesn't accept it")
    except (*TELEGRAM_FAILURES, TimeoutError) as error:
        return bad("TELEGRAM_API_URL", f"{url} can't be reached ({type(error).__name__})")
    return good("Telegram", f"{url} knows the bot as @{me.username}")
