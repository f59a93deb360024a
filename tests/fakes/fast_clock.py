"""A clock for whole flows: everything happens as in life, only sooner."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FastClock:
    """Real time, `speed` times as fast: an hour at 3600 takes a second, nobody turns anything.

    For the waits between a bot and its Telegram, where no single moment matters but their order
    and distance do. Stamps are comparable, a limit is never seen to be broken by slow machines
    (real work takes longer on this clock, not shorter).
    """

    def __init__(self, speed: float = 20.0) -> None:
        self._speed = speed
        self._began = time.monotonic()

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0) / self._speed)
