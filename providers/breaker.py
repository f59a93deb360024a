"""A circuit breaker: what has failed again and again is left alone for a while, then tried once.

    closed --a run of failures--> open --its time is over--> half open --success--> closed
                                   ^                            |
                                   +------------failure---------+   (and for longer)

Half open lets exactly one in, the probe, until that one has told how it went.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from providers.retries import backoff

FAILURES = 4
"""In a row: fewer are a bad moment, which a retry gets over."""

FIRST_REST = 15.0
LONGEST_REST = 300.0
"""Seconds it stays open, the first time and after many failed probes."""

PROBE_TIME = 1.0
"""Seconds after which to look again while the probe is out; how long it takes nobody knows."""


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, eq=False)
class Entrance:
    """Whoever was let in holds one; the breaker knows the probe's from the others'."""


class Breaker:
    """jitter: gives numbers from 0.0 to 1.0."""

    def __init__(self, monotonic: Callable[[], float], jitter: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._jitter = jitter
        self._failures = 0
        self._rests = 0  # since it was last closed
        self._open_until: float | None = None
        self._probe: Entrance | None = None

    @property
    def is_closed(self) -> bool:
        """All is well."""
        return self._open_until is None

    @property
    def state(self) -> BreakerState:
        if self._open_until is None:
            return BreakerState.CLOSED
        is_over = self._open_until <= self._monotonic()
        return BreakerState.HALF_OPEN if is_over else BreakerState.OPEN

    @property
    def wait(self) -> float:
        """Seconds until it may let somebody in; 0.0 where it would now."""
        if self._open_until is None:
            return 0.0
        if self._probe is not None:
            return PROBE_TIME
        return max(0.0, self._open_until - self._monotonic())

    def enter(self) -> Entrance | None:
        """Let one in, where `wait` is 0.0; None where it isn't. To be given back by `leave`."""
        if self.wait > 0:
            return None
        entrance = Entrance()
        if self._open_until is not None:
            self._probe = entrance
        return entrance

    def leave(self, entrance: Entrance) -> None:
        """A probe that ended without telling anything makes room for the next one."""
        if self._probe is entrance:
            self._probe = None

    def succeeded(self) -> None:
        self._failures = self._rests = 0
        self._open_until = self._probe = None

    def failed(self, entrance: Entrance) -> None:
        """Of those let in before it opened, the failures say nothing new."""
        if self._open_until is None:
            self._failures += 1
            if self._failures >= FAILURES:
                self.trip()
        elif self._probe is entrance:
            self.trip()

    def trip(self, rest: float | None = None) -> None:
        """Open it now, for `rest` seconds where that is known."""
        self._rests += 1
        if rest is None:
            rest = backoff(self._rests, self._jitter, first=FIRST_REST, longest=LONGEST_REST)
        self._open_until = self._monotonic() + rest
        self._probe = None
