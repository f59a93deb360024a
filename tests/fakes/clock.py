"""A clock that tests turn by hand."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
SETTLE_TURNS = 20
"""Turns of the event loop that a woken sleeper gets before time moves on."""


class FakeClock:
    """Time stands still until `advance()`; `sleep()` parks until its moment has come.

    With `auto`, a sleep moves time to its own end at once: for code whose waits don't matter.
    Sleepers at the same time overlap as they would in life. A loop that only sleeps never
    parks in this mode, so end it by a deadline.
    """

    def __init__(self, start: datetime = START, *, auto: bool = False) -> None:
        self.auto = auto
        self.slept: list[float] = []
        self._start = start
        self._elapsed = 0.0
        self._parked: list[tuple[float, int, asyncio.Future[None]]] = []
        self._changed = asyncio.Event()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        due = self._elapsed + max(seconds, 0.0)
        if self.auto or seconds <= 0:
            await asyncio.sleep(0)
            self._elapsed = max(self._elapsed, due)
            return
        waker = asyncio.get_running_loop().create_future()
        heapq.heappush(self._parked, (due, len(self.slept), waker))
        self._changed.set()
        await waker

    async def advance(self, seconds: float) -> None:
        """Move time on; whoever was due on the way wakes in order, and may sleep again."""
        target = self._elapsed + seconds
        while self._waiting() and self._parked[0][0] <= target:
            due, _, waker = heapq.heappop(self._parked)
            self._elapsed = max(self._elapsed, due)
            waker.set_result(None)
            await _settle()
        self._elapsed = target
        await _settle()

    async def until_sleeping(self, sleepers: int = 1) -> None:
        """Wait until so many tasks are parked: the code under test has reached its wait."""
        while self._waiting() < sleepers:
            self._changed.clear()
            await self._changed.wait()

    async def advance_to_next(self) -> None:
        """Wait until somebody sleeps, then move time to the moment the first of them wakes."""
        await self.until_sleeping()
        await self.advance(self._parked[0][0] - self._elapsed)

    def _waiting(self) -> int:
        self._parked = [entry for entry in self._parked if not entry[2].done()]
        heapq.heapify(self._parked)
        return len(self._parked)


async def _settle() -> None:
    for _ in range(SETTLE_TURNS):
        await asyncio.sleep(0)
