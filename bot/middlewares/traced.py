"""An update's share of the trace of the job it leads to."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject

from bot.usecases.traces import Traces
from providers.tracing import span

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


class Traced(BaseMiddleware):
    def __init__(self, traces: Traces) -> None:
        self._traces = traces

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        with self._traces.arriving(), span("update"):
            return await handler(event, data)
