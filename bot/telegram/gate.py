"""The last look before a call leaves: nothing goes to a chat that a 429 has closed meanwhile."""

from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.methods import Response, TelegramMethod

from bot.telegram.pace import Pace

PACED = ("send", "edit", "delete")


class Gate(BaseRequestMiddleware):
    """Raises ChatClosed. Whoever calls has often looked before, but prepared a picture since."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    async def __call__(
        self, make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
    ) -> Response[Any]:
        chat_id = getattr(method, "chat_id", None)
        if isinstance(chat_id, int) and method.__api_method__.startswith(PACED):
            self._pace.check(chat_id)
        return await make_request(bot, method)
