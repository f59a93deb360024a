"""Whoever writes to the bot in private is remembered: it is whom a broadcast goes to."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Message, TelegramObject, Update

from bot.services import Services

MOST_REMEMBERED = 100_000  # chats that need not be written down again

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Acquaintance(BaseMiddleware):
    def __init__(self) -> None:
        self._met: set[int] = set()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        message: Message | None = event.message if isinstance(event, Update) else None
        if message is not None and message.chat.type == "private":
            await self._meet(message.chat.id, data["services"])
        return await handler(event, data)

    async def _meet(self, chat_id: int, services: Services) -> None:
        if chat_id in self._met:
            return
        await services.chats.reach(chat_id, can=True)
        if len(self._met) >= MOST_REMEMBERED:
            self._met.clear()
        self._met.add(chat_id)
