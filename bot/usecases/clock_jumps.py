"""Somebody set the machine's clock: nothing becomes due, late or lost by that alone."""

import asyncio
from datetime import timedelta

import structlog

from bot.usecases.outage import waits_out
from providers.clock import Clock
from providers.jumps import Jumps
from storage.base import Storage

SETTLING = 10.0  # seconds in which whoever lives has renewed every lease by the new time

log = structlog.get_logger(__name__)


class ClockJumps:
    """Called before what is stored is compared with the present moment.

    Where one process works alone, the times of all jobs in hand move with the clock. Several can't
    tell whose clock is right; for them only leases are let be for a while.
    """

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._jumps = Jumps(clock)
        self._settled_at = float("-inf")  # on the monotonic clock
        self._one_at_a_time = asyncio.Lock()

    @property
    def is_settled(self) -> bool:
        """Whether leases that look expired are."""
        return self._clock.monotonic() >= self._settled_at

    async def settle(self) -> None:
        async with self._one_at_a_time:
            seconds = self._jumps.seconds()
            if not seconds:
                return
            log.warning("clock was set", seconds=round(seconds))
            self._settled_at = self._clock.monotonic() + SETTLING
            if not self._storage.shared:
                await self._move(timedelta(seconds=seconds))

    @waits_out
    async def _move(self, by: timedelta) -> None:
        async with self._storage.transaction() as tx:
            await tx.jobs.move_times(by)
