"""The connection to Telegram: the bot's client, its name, its command list."""

from collections.abc import Iterable

import structlog
from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageText,
    GetMe,
    GetUpdates,
    Response,
    SendMessage,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeChat,
    LinkPreviewOptions,
)
from aiogram.utils.token import TokenValidationError

from bot.i18n import DEFAULT, LANGUAGES, _, use_locale
from bot.settings import Settings, WrongSetting
from bot.telegram.errors import TELEGRAM_FAILURES
from bot.telegram.pace import backoff
from bot.telegram.session import session_to
from bot.texts import everyday as texts
from bot.texts import operations as texts_operations
from bot.texts import people as texts_people
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
        AnswerCallbackQuery,
        GetMe,
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
            session=session_to(server),
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
    try:
        for language in LANGUAGES:
            with use_locale(language):
                await _register_commands(bot, None if language == DEFAULT else language)
    except TELEGRAM_FAILURES as error:
        log.warning("command list not registered", error=type(error).__name__)


async def _register_commands(bot: Bot, language: str | None) -> None:
    """None: for all whose language has no menu of its own."""
    everyone = _commands(texts.COMMANDS)
    admins = _commands(texts.COMMANDS | texts.GROUP_ADMIN_COMMANDS)
    await bot.set_my_commands(everyone, language_code=language)
    await bot.set_my_commands(
        admins, scope=BotCommandScopeAllChatAdministrators(), language_code=language
    )


async def register_admin_commands(bot: Bot, admin_ids: Iterable[int]) -> None:
    """In the private chats of those who run the bot; one who never wrote to it has none yet."""
    theirs = _commands(texts.COMMANDS | texts_operations.COMMANDS | texts_people.COMMANDS)
    for admin_id in admin_ids:
        try:
            await bot.set_my_commands(theirs, scope=BotCommandScopeChat(chat_id=admin_id))
        except TELEGRAM_FAILURES as error:
            log.info("admin's commands not registered", error=type(error).__name__)


def _commands(words: dict[str, str]) -> list[BotCommand]:
    return [BotCommand(command=name, description=_(text)) for name, text in words.items()]
