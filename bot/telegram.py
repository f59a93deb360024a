"""The connection to Telegram: the bot's client, its name, its command list."""

import structlog
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import (
    EditMessageCaption,
    EditMessageMedia,
    EditMessageText,
    GetUpdates,
    Response,
    SendMessage,
)
from aiogram.types import BotCommand, BotCommandScopeAllChatAdministrators, LinkPreviewOptions
from aiogram.utils.token import TokenValidationError

from bot import texts
from bot.pace import backoff
from bot.settings import Settings, WrongSetting
from bot.telegram_errors import TELEGRAM_FAILURES
from providers.clock import Clock

LONGEST_PAUSE = 30.0  # seconds between tries while Telegram can't be reached

KEPT_ANSWER_TYPES = [
    Response[method.__returning__]  # type: ignore[name-defined]  # known at run time only
    for method in (
        GetUpdates,
        SendMessage,
        EditMessageText,
        EditMessageCaption,
        EditMessageMedia,
    )
]
"""aiogram names these types anew at each call, and pydantic forgets a type nobody holds: making
them again and again was a third of the bot's own time a picture."""

log = structlog.get_logger(__name__)


def build_bot(settings: Settings) -> Bot:
    token = settings.token
    server = TelegramAPIServer.from_base(
        settings.telegram_api_url, is_local=settings.telegram_api_local
    )
    try:
        return Bot(
            token,
            session=AiohttpSession(api=server),
            default=DefaultBotProperties(
                parse_mode="HTML", link_preview=LinkPreviewOptions(is_disabled=True)
            ),
        )
    except TokenValidationError:
        raise WrongSetting("BOT_TOKEN", "is not a token like 123456:ABC-DEF...") from None


async def learn_own_name(bot: Bot, clock: Clock) -> None:
    """For `/imagine@name`. Telegram being down is waited out; a token it refuses is a WrongSetting."""
    failures = 0
    while True:
        try:
            await bot.me()
        except (TelegramUnauthorizedError, TelegramNotFound):  # 404: no token at all to Telegram
            raise WrongSetting("BOT_TOKEN", "Telegram doesn't accept it") from None
        except TELEGRAM_FAILURES as error:
            failures += 1
            log.warning("Telegram can't be reached", error=type(error).__name__)
            await clock.sleep(backoff(failures, LONGEST_PAUSE))
        else:
            return


async def register_commands(bot: Bot) -> None:
    """Telegram's menu. Where it fails the menu of the last start stays; nothing else hangs on it."""
    everyone = _commands(texts.COMMANDS)
    admins = _commands(texts.COMMANDS | texts.GROUP_ADMIN_COMMANDS)
    try:
        await bot.set_my_commands(everyone)
        await bot.set_my_commands(admins, scope=BotCommandScopeAllChatAdministrators())
    except TELEGRAM_FAILURES as error:
        log.warning("command list not registered", error=type(error).__name__)


def _commands(words: dict[str, str]) -> list[BotCommand]:
    return [BotCommand(command=name, description=text) for name, text in words.items()]
