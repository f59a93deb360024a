"""A group that is off gets no answers, but for one hint to someone who can turn it on."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Message, TelegramObject

from bot import texts
from bot.services import Services

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Access(BaseMiddleware):
    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        services: Services = data["services"]
        if not isinstance(event, Message) or event.chat.type == "private":
            return await handler(event, data)
        if await services.chats.is_enabled(event.chat.id):
            return await handler(event, data)
        if await services.admins.wrote(event) and await services.chats.may_hint(
            event.chat.id, event.chat.type
        ):
            services.answers.reply(event, texts.GROUP_HINT)
        return None
