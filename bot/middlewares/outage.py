"""An update that meets a database that is away waits for its return.

Handlers may be begun again: nothing of a transaction has happened where it failed so, and what was
stored before is recognised. An update that waits longer than `PATIENCE` isn't acknowledged.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject

from bot.usecases.outage import Outage
from providers.clock import Clock
from storage.errors import DatabaseAway

PATIENCE = 20.0  # seconds; for a webhook's answer Telegram waits some longer

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class WaitOut(BaseMiddleware):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Raises DatabaseAway."""
        outage = Outage("update", self._clock)
        deadline = self._clock.monotonic() + PATIENCE
        while True:
            try:
                answer = await handler(event, data)
            except DatabaseAway:
                pause = outage.failed()
                if self._clock.monotonic() + pause >= deadline:
                    raise
                await self._clock.sleep(pause)
            else:
                outage.worked()
                return answer
