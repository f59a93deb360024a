"""What someone sent through this bot's inline mode is no request: nothing answers it."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware, Bot
from aiogram.types import Message, TelegramObject

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class OwnResults(BaseMiddleware):
    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        bot: Bot = data["bot"]
        via = event.via_bot if isinstance(event, Message) else None
        if via is not None and via.id == bot.id:
            return None
        return await handler(event, data)
