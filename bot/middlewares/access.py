"""A group that is off gets no answers, but for one hint to someone who can turn it on."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Message, TelegramObject

from bot.i18n import _
from bot.services import Services
from bot.texts import chat_settings as texts_chat_settings
from bot.texts import everyday as texts

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Access(BaseMiddleware):
    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        services: Services = data["services"]
        if not isinstance(event, Message) or event.chat.type == "private":
            return await handler(event, data)
        chat = event.chat
        if await services.chats.is_enabled(chat.id, chat.type, chat.title):
            return await handler(event, data)
        if await services.admins.wrote(event) and await services.chats.may_hint(chat.id, chat.type):
            allowed = services.chats.is_allowed(chat.id)
            hint = _(texts.GROUP_HINT) if allowed else texts_chat_settings.not_allowed(chat.id)
            services.answers.reply(event, hint)
        return None
