"""Where a job goes next: over its legs, past those that can't and those that want a rest."""

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.usecases.fates import Fate
from bot.usecases.spec import Leg
from providers.clock import Clock
from providers.errors import ProviderError, RateLimited
from providers.gate import Gate
from providers.retries import backoff

TRIES = 4  # at one leg; a throttled one doesn't count
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 16.0
PATIENCE = 120.0  # seconds a job waits for a provider to come back; then its end is told


class OnHold(Exception):
    """Every provider that could be gone to is paused: the job goes back into the queue."""


@dataclass(slots=True)
class _Stop:
    """One leg, and how it went there. ready_at: on the clock's monotonic scale."""

    number: int
    leg: Leg
    gate: Gate
    tries_left: int = TRIES
    ready_at: float = float("-inf")
    error: ProviderError | None = None


class Route:
    """legs: by their number, in order of preference; those that can't be gone are left out.

    last: providers to be gone to after all others, since this job failed there before.
    jitter: gives numbers from 0.0 to 1.0.
    """

    def __init__(
        self,
        legs: Mapping[int, Leg],
        gates: Mapping[str, Gate],
        clock: Clock,
        *,
        last: Collection[str] = (),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        stops = [_Stop(number, leg, gates[leg.provider]) for number, leg in legs.items()]
        self._stops: Sequence[_Stop] = sorted(stops, key=lambda stop: stop.leg.provider in last)
        self._clock = clock
        self._jitter = jitter

    @property
    def error(self) -> ProviderError:
        """Why it can't be gone on: what the best leg said, or would say."""
        told = (stop.error for stop in self._stops if stop.error is not None)
        return next(told, None) or self._stops[0].gate.refusal()

    @property
    def is_over(self) -> bool:
        """No leg is left."""
        return all(stop.tries_left == 0 for stop in self._stops)

    async def next(self, deadline: float) -> int | None:
        """The number of the best leg that takes work now, or is the first to; waits for that.

        None where no leg is left, or none takes work in time. Raises OnHold.
        """
        while stops := self._open_stops():
            stop = min(stops, key=self._wait)
            wait = self._wait(stop)
            if wait <= 0:
                return stop.number
            if wait > PATIENCE or self._clock.monotonic() + wait >= deadline:
                return None
            await self._clock.sleep(wait)
        return None

    def _open_stops(self) -> Sequence[_Stop]:
        if self._stops and all(stop.gate.paused for stop in self._stops):
            raise OnHold
        return [stop for stop in self._stops if stop.tries_left > 0 and not stop.gate.paused]

    def failed(self, number: int, fate: Fate, error: ProviderError) -> None:
        stop = next(stop for stop in self._stops if stop.number == number)
        stop.error = error
        if fate is not Fate.AGAIN:
            stop.tries_left = 0
        elif not isinstance(error, RateLimited):
            tried = TRIES - stop.tries_left + 1
            pause = backoff(tried, self._jitter, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
            stop.tries_left -= 1
            stop.ready_at = self._clock.monotonic() + pause

    def _wait(self, stop: _Stop) -> float:
        return max(0.0, stop.ready_at - self._clock.monotonic(), stop.gate.closed_for)
