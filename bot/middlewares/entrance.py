"""Nobody who is banned, or not on the list where there is one, gets past here; they are told so once
a minute, and those not on the list in private alone.

A handler with the flag OPEN_TO_ALL is for everybody.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.flags import get_flag
from aiogram.types import CallbackQuery, InlineQuery, Message, TelegramObject

from bot.i18n import _
from bot.services import Services
from bot.texts import access as texts_access
from bot.texts import everyday as texts
from bot.usecases.errors import Banned, NoAccess
from bot.visitors import visitor_of

OPEN_TO_ALL = "open_to_all"

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Entrance(BaseMiddleware):
    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        if not isinstance(event, Message | CallbackQuery | InlineQuery) or get_flag(
            data, OPEN_TO_ALL
        ):
            return await handler(event, data)
        services: Services = data["services"]
        try:
            typing = isinstance(event, InlineQuery)  # comes with every key
            await services.people.entry.admit(visitor_of(event), meet=not typing)
        except (Banned, NoAccess) as refusal:
            await _refuse(event, refusal, services)
            return None
        return await handler(event, data)


async def _refuse(
    event: Message | CallbackQuery | InlineQuery, refusal: Banned | NoAccess, services: Services
) -> None:
    text, in_group = _words(refusal)
    if isinstance(event, CallbackQuery):
        services.answers.toast(event, texts.plain(text), alert=True)
    elif isinstance(event, Message):
        said = text if event.chat.type == "private" else in_group
        if said and await services.people.entry.may_tell(visitor_of(event).user_id):
            await services.answers.refuse(event, said)


def _words(refusal: Banned | NoAccess) -> tuple[str, str | None]:
    """In private and in a group, where neither a reason nor a list is anybody else's to know."""
    if isinstance(refusal, Banned):
        return texts_access.banned(refusal), _(texts_access.BANNED_HERE)
    return texts_access.no_access(refusal), None
