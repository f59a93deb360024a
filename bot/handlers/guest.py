"""Guest mode: the bot is named in a chat it isn't in, and may say one thing there, then edit it."""

import re

from aiogram import Bot
from aiogram.types import Message

from bot.handlers.inline import asker_of, read_words
from bot.keyboards import waiting_keyboard
from bot.parsing import ParseError, ParseReason
from bot.pictures.in_messages import given_with
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import everyday as texts
from bot.texts import inline as texts_inline
from bot.usecases.asker import Asker


async def summoned(message: Message, services: Services, bot: Bot) -> None:
    name, query_id = (await bot.me()).username, message.guest_query_id or ""
    parsed = read_words(_beside_name(message, name), services.engines)
    if isinstance(parsed, ParseError):
        services.inline.say_as_guest(query_id, _complaint(parsed, name))
        return
    text = texts_inline.soon_here(parsed.wish.prompt)
    said = await services.inline.enter(query_id, text, waiting_keyboard())
    if said is not None:
        given = given_with(message, (), services.files)
        accepted = await services.imagine(parsed, _asker(message, said), given)
        services.worker.ring()
        services.board.announce(accepted.job)


def _asker(message: Message, said: str) -> Asker:
    sender = message.from_user
    assert sender is not None  # noqa: S101 - a channel can't summon a guest
    return asker_of(sender, said, inline=True, payer=author_id(message))


def _beside_name(message: Message, name: str | None) -> str:
    words = message.text or message.caption or ""
    without_name = re.sub(rf"@{re.escape(name or '')}\b", " ", words, flags=re.IGNORECASE)
    return without_name.strip().removeprefix("/imagine")


def _complaint(error: ParseError, name: str | None) -> str:
    if error.reason is ParseReason.NO_TEXT:
        return texts_inline.summoned(name)
    return texts.parse_error(error)


def create_router() -> Router:
    router = Router(name="guest")
    router.guest_message.register(summoned)
    return router
