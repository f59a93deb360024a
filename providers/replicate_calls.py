"""When Replicate calls back: a call is a hint that it is worth asking now, and nothing more.

No outcome is ever taken from a call. So calls may come twice, late, in any order, or not at all: a
prediction's state is always what the service answers when it is asked.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from providers.clock import Clock
from providers.errors import BadAnswer
from providers.polling import SHORTEST
from providers.replicate_answers import parse_prediction
from providers.webhooks import is_signed
from providers.wire import Answer, UnreadableJson

BETWEEN_QUESTIONS = 5.0
"""Seconds, at least, while calls are known to get through."""

logger = logging.getLogger(__name__)


class Bell:
    """A clock whose sleepers it wakes early, once: a service repeats its calls."""

    def __init__(self, clock: Clock) -> None:
        self.rung = False
        self._clock = clock
        self._wakes = asyncio.Event()

    def ring(self) -> None:
        if not self.rung:
            self.rung = True
            self._wakes.set()

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        async with asyncio.TaskGroup() as group:
            waits: list[asyncio.Task[Any]] = [
                group.create_task(self._clock.sleep(seconds)),
                group.create_task(self._wakes.wait()),
            ]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
        self._wakes.clear()


class Calls:
    """Who waits for which prediction. key: the one that calls are signed with, once known."""

    def __init__(self, clock: Clock, key: bytes | None = None) -> None:
        self.key = key
        self._clock = clock
        self._bells: dict[str, Bell] = {}
        self._last_came = False

    @property
    def shortest_pause(self) -> float:
        """Seconds between two questions: many as long as the last call came before the answer.

        That a call was asked for is no reason to wait for it; the proxy in between may know nothing.
        """
        return BETWEEN_QUESTIONS if self._last_came else SHORTEST

    @contextmanager
    def expected_for(self, remote_id: str) -> Iterator[Bell]:
        """Around the questions about a prediction, up to the one that finds its end."""
        bell = self._bells[remote_id] = Bell(self._clock)
        try:
            yield bell
            self._last_came = bell.rung
        finally:
            if self._bells.get(remote_id) is bell:
                del self._bells[remote_id]

    def hear(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Take one call; False where the service didn't send it, or long ago."""
        now = self._clock.now()
        if self.key is None or not is_signed(headers, body, key=self.key, now=now):
            return False
        try:
            prediction = parse_prediction(Answer(200, {}, body).json())
        except (BadAnswer, UnreadableJson) as error:
            logger.warning("replicate: a call that can't be read: %s", error)
            return True
        bell = self._bells.get(prediction.id)
        if bell is not None and prediction.ended:
            bell.ring()
        return True
