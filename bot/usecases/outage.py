"""While the database is away, work waits: what couldn't be stored is stored as soon as it is back."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import structlog

from providers.clock import Clock
from storage.errors import DatabaseAway

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0  # seconds between tries, doubled after each

log = structlog.get_logger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class Timed(Protocol):
    _clock: Clock


Self = TypeVar("Self", bound=Timed)


class Outage:
    """One wait for the database, or for `what`, from the first failed try to the first that works."""

    def __init__(self, who: str, clock: Clock, *, what: str = "database") -> None:
        self._who = who
        self._what = what
        self._clock = clock
        self._pause = 0.0
        self._since = 0.0

    @property
    def is_on(self) -> bool:
        return self._pause > 0

    def failed(self) -> float:
        """Seconds to wait before the next try; says so in the log once."""
        if not self.is_on:
            self._since = self._clock.monotonic()
            log.warning("storage away", what=self._what, waiting=self._who)
        self._pause = min(LONGEST_PAUSE, self._pause * 2 or FIRST_PAUSE)
        return self._pause

    def worked(self) -> None:
        if self.is_on:
            seconds = round(self._clock.monotonic() - self._since, 1)
            log.info("storage back", what=self._what, waited=self._who, seconds=seconds)
            self._pause = 0.0


def waits_out(
    method: Callable[Concatenate[Self, P], Awaitable[T]],
) -> Callable[Concatenate[Self, P], Awaitable[T]]:
    """For a method that is one whole transaction: it is made again until the database takes it.

    However long that lasts: whoever mustn't wait (a lease was lost, say) cancels it.
    """

    @wraps(method)
    async def patient(self: Self, /, *args: P.args, **kwargs: P.kwargs) -> T:
        outage = Outage(method.__qualname__, self._clock)
        while True:
            try:
                result = await method(self, *args, **kwargs)
            except DatabaseAway:
                await self._clock.sleep(outage.failed())
            else:
                outage.worked()
                return result

    return patient
