"""Progress where the service doesn't say: an estimate from the time such a thing takes."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from providers.clock import Clock
from providers.types import Progress, ProgressCallback

TICK = 1.0
"""Seconds between two reports."""

_AT_EXPECTED = 0.9
"""Where the estimate stands at the moment the picture is expected."""


def estimate(elapsed: float, expected: float) -> float:
    """From 0.0, ever rising, and below 1.0 however long it takes."""
    share = max(elapsed, 0.0) / expected
    return _AT_EXPECTED * share if share < 1 else 1 - (1 - _AT_EXPECTED) / share


class Rising:
    """Reports progress only when it has grown."""

    def __init__(self, on_progress: ProgressCallback) -> None:
        self._on_progress = on_progress
        self._highest = -1.0

    def at(self, fraction: float) -> None:
        if self._highest < fraction < 1:
            self._highest = fraction
            self._on_progress(Progress(fraction))


@dataclass(frozen=True, slots=True)
class TickingClock:
    """A clock that calls `tick` every second of a sleep: what waits between two questions to a
    service has something to tell, too. What `tick` raises ends the sleep.
    """

    inner: Clock
    tick: Callable[[], None]

    def now(self) -> datetime:
        return self.inner.now()

    def monotonic(self) -> float:
        return self.inner.monotonic()

    async def sleep(self, seconds: float) -> None:
        naps = max(math.ceil(seconds / TICK), 1)
        for _ in range(naps):
            await self.inner.sleep(seconds / naps)
            self.tick()
