"""Every call of Telegram's API, counted by how it ended; and from that, whether updates come in."""

from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import Response, TelegramMethod

from bot.monitoring.meters import Meters
from bot.telegram.errors import TELEGRAM_FAILURES

FOR_UPDATES = frozenset({"deleteWebhook", "getUpdates", "setWebhook"})
BAD_MOMENT = 1
"""Failures in a row that say nothing: after one, a quiet bot's next poll is answered in 25 seconds."""


class Calls(BaseRequestMiddleware):
    """Inside of what may hold a call back: only what went out counts."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._failures = 0
        self._began = False

    @property
    def asked_for_updates(self) -> bool:
        return self._began or self._failures > 0

    @property
    def takes_updates(self) -> bool:
        return self._began and self._failures <= BAD_MOMENT

    async def __call__(
        self, make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
    ) -> Response[Any]:
        name = method.__api_method__
        try:
            response = await make_request(bot, method)
        except TELEGRAM_FAILURES as error:
            self._meters.called(name, _result(error))
            if name in FOR_UPDATES:
                self._failures += 1
            raise
        self._meters.called(name, "ok")
        if name in FOR_UPDATES:
            self._failures, self._began = 0, True
        return response


def _result(error: Exception) -> str:
    match error:
        case TelegramRetryAfter():
            return "429"
        case TelegramNetworkError() | TelegramServerError() | ClientDecodeError():
            return "no_answer"
        case _:
            return "refused"
