"""Delivers updates by POST, as Telegram does: in parallel, and again until the bot answers 2xx.

Only the retry pause is real time; a repeated update keeps its id.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import aiohttp

from bot.playground.records import Json
from bot.playground.updates import Updates
from providers.clock import Clock

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
ATTEMPT_SECONDS = 60.0
OK = range(200, 300)


@dataclass(slots=True)
class Webhook:
    url: str
    secret: str | None
    max_connections: int
    attempts: int = 0
    delivered: int = 0
    last_error: str | None = None
    last_error_date: int | None = None
    in_flight: set[int] = field(default_factory=set)

    def info(self) -> Json:
        facts: Json = {"url": self.url, "max_connections": self.max_connections}
        if self.last_error:
            facts["last_error_message"] = self.last_error
            facts["last_error_date"] = self.last_error_date
        return facts


class Deliverer:
    """Carries pending updates to whatever webhook is set; `run` lives as long as the server."""

    def __init__(
        self,
        updates: Updates,
        current: Callable[[], Webhook | None],
        clock: Clock,
        retry_seconds: float,
        wake: Callable[[], None],
    ) -> None:
        self._updates = updates
        self._current = current
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._wake = wake

    async def run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=ATTEMPT_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=connector) as session,
            asyncio.TaskGroup() as group,
        ):
            while True:
                for update in self._due():
                    group.create_task(self._deliver(session, update))
                await self._updates.arrival()

    def _due(self) -> list[Json]:
        hook = self._current()
        if hook is None:
            return []
        free = hook.max_connections - len(hook.in_flight)
        waiting = [each for key, each in self._updates.pending.items() if key not in hook.in_flight]
        due = waiting[: max(free, 0)]
        hook.in_flight |= {update["update_id"] for update in due}
        return due

    async def _deliver(self, session: aiohttp.ClientSession, update: Json) -> None:
        hook = self._current()
        while hook and hook is self._current() and update["update_id"] in self._updates.pending:
            if await self._attempt(session, hook, update):
                self._updates.confirm(update["update_id"])
                hook.delivered += 1
            else:
                await asyncio.sleep(self._retry_seconds)
        if hook:
            hook.in_flight.discard(update["update_id"])
        self._updates.wake()
        self._wake()

    async def _attempt(self, session: aiohttp.ClientSession, hook: Webhook, update: Json) -> bool:
        hook.attempts += 1
        headers = {SECRET_HEADER: hook.secret} if hook.secret else {}
        try:
            async with session.post(hook.url, json=update, headers=headers) as answer:
                if answer.status in OK:
                    return True
                fault = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            fault = f"Connection failed: {type(error).__name__}"
        hook.last_error = fault
        hook.last_error_date = int(self._clock.now().timestamp())
        self._wake()
        return False
