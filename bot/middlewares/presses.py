"""Every press of a button is answered in time and once, and a button pressed twice at once counts
once.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.flags import get_flag
from aiogram.types import CallbackQuery, TelegramObject

from bot.i18n import _
from bot.services import Services
from bot.texts.results import JUST_PRESSED
from providers.clock import Clock

MOST_REMEMBERED = 10_000

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
Key = tuple[int, int, str]


class Answered(BaseMiddleware):
    """The button stops turning, whatever the handler does, and however long it takes."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        services: Services = data["services"]
        if not isinstance(event, CallbackQuery):
            return await handler(event, data)
        services.answers.expect(event)
        answer = await handler(event, data)  # what it raises is told by the error handler
        services.answers.settle(event)
        return answer


class Once(BaseMiddleware):
    """For handlers with the flag `once`, seconds: the same press again in that time does nothing.

    A press that was refused may be repeated at once.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pressed: OrderedDict[Key, float] = OrderedDict()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        seconds = get_flag(data, "once", default=0.0)
        if not isinstance(event, CallbackQuery) or event.message is None or not seconds:
            return await handler(event, data)
        key = event.from_user.id, event.message.message_id, event.data or ""
        if self._clock.monotonic() < self._pressed.get(key, float("-inf")) + seconds:
            services: Services = data["services"]
            services.answers.toast(event, _(JUST_PRESSED))
            return None
        self._remember(key)
        try:
            return await handler(event, data)
        except BaseException:
            self._pressed.pop(key, None)
            raise

    def _remember(self, key: Key) -> None:
        self._pressed[key] = self._clock.monotonic()
        self._pressed.move_to_end(key)
        if len(self._pressed) > MOST_REMEMBERED:
            self._pressed.popitem(last=False)
