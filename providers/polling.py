"""Asking a service whether the picture is ready: seldom enough to be polite, soon enough to please."""

import random
import statistics
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from providers.clock import Clock
from providers.errors import DeadlineExceeded
from providers.tracing import span

Ready = TypeVar("Ready")

SHORTEST = 0.1
"""Seconds between two questions, at least."""

LONGEST = 10.0
"""Seconds between two questions, at most."""

SHARE = 1 / 10
"""A pause's share of the time already spent: on average the picture then waits half of it, 5 %."""

CLOSE_SHARE = 1 / 25
"""The same near the moment the picture is expected."""

CLOSE = (0.75, 1.25)
"""From where to where, in shares of the expected time, the moment counts as near."""


BEGIN = 1 / 2
"""The share of the expected time that passes before the first question, where no hint says when."""


class Durations:
    """How long the last submissions took; the median is what the next is expected to take."""

    def __init__(self, kept: int = 20) -> None:
        self._seconds: deque[float] = deque(maxlen=kept)

    def add(self, seconds: float) -> None:
        self._seconds.append(seconds)

    @property
    def expected(self) -> float | None:
        return statistics.median(self._seconds) if self._seconds else None


def pause(elapsed: float, expected: float | None) -> float:
    """Seconds to wait before the next question, `elapsed` seconds after the start.

    Grows with the time already spent, so that the wait after the picture is ready stays a
    small share of the whole, however long that is; near the expected moment it is smaller
    still. Never leaps over the beginning of that moment.
    """
    usual = min(max(elapsed * SHARE, SHORTEST), LONGEST)
    if expected is None:
        return usual
    begin, end = (share * expected for share in CLOSE)
    if begin <= elapsed <= end:
        return min(max(expected * CLOSE_SHARE, SHORTEST), usual)
    if elapsed < begin < elapsed + usual:
        return max(begin - elapsed, SHORTEST)
    return usual


async def poll_until(
    fetch: Callable[[], Awaitable[Ready | None]],
    *,
    clock: Clock,
    deadline: float,
    provider: str,
    first: float | None = None,
    shortest: float = SHORTEST,
    expected: float | None = None,
    jitter: Callable[[], float] = random.random,
) -> Ready:
    """Call `fetch` until it gives something; what it raises is handed on.

    first: seconds before the first question, the service's hint; 0.0 and None are none.
    shortest: seconds between two questions, at least.
    expected: seconds the whole is expected to take, where past ones were measured; without a
        hint it says when to begin.
    Raises DeadlineExceeded at the deadline.
    """
    start = clock.monotonic()
    wait = first or BEGIN * (expected or 0.0)
    while (now := clock.monotonic()) < deadline:
        if wait > 0:
            await clock.sleep(min(wait, deadline - now))
        if clock.monotonic() < deadline:
            with span("poll"):
                found = await fetch()
            if found is not None:
                return found
        # Jitter only shortens: submissions made together must not ask together for ever.
        usual = max(pause(clock.monotonic() - start, expected), shortest)
        wait = usual * (1 - jitter() / 10)
    raise DeadlineExceeded(provider)
