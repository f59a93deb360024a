"""The one way into a provider: so many at once, so often, and not while it is down or wants a rest."""

import asyncio
import logging
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from providers.base import ImageProvider, Metered
from providers.breaker import Breaker, BreakerState, Entrance
from providers.bucket import Bucket
from providers.clock import Clock
from providers.errors import (
    BadAnswer,
    DeadlineExceeded,
    NotAccepted,
    OutcomeUnknown,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.health import Health, Trouble
from providers.status import Credit
from providers.waiting import first_of

RECHECK = 600.0
"""Seconds after which an empty account is tried again, by one submission."""

DOWN = (Unavailable, Unauthorized, ServiceGone, OutcomeUnknown, BadAnswer, DeadlineExceeded)
"""What counts against a provider; a refused prompt or request says that it works."""

TroubleCallback = Callable[[str, Trouble], None]
"""Told the provider's name and what is new about it; must return at once."""

logger = logging.getLogger(__name__)


class Gate:
    """bucket: None for as often as one likes. jitter: gives numbers from 0.0 to 1.0."""

    def __init__(
        self,
        provider: ImageProvider,
        clock: Clock,
        *,
        bucket: Bucket | None = None,
        on_trouble: TroubleCallback = lambda _provider, _trouble: None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.provider = provider
        self.paused = False  # by an admin's word; those who choose a way look, and go elsewhere
        self.reconciling = asyncio.Lock()  # two lost submissions must not find the same one
        self._clock = clock
        self._on_trouble = on_trouble
        self._health = Health(clock.monotonic, jitter)
        self._breaker = Breaker(clock.monotonic, jitter)
        self._bucket = bucket
        self._busy = 0
        self._line: deque[asyncio.Future[None]] = deque()

    @property
    def closed_for(self) -> float:
        """Seconds until a submission may be tried; 0.0 while all is well."""
        return max(self._health.pause, self._breaker.wait)

    @property
    def is_well(self) -> bool:
        return not self.paused and self._breaker.is_closed and self._health.pause <= 0

    @property
    def breaker_state(self) -> BreakerState:
        return self._breaker.state

    @property
    def trouble(self) -> Trouble | None:
        return self._health.trouble

    @property
    def credit(self) -> Credit | None:
        return self.provider.credit if isinstance(self.provider, Metered) else None

    @asynccontextmanager
    async def submission(self, deadline: float) -> AsyncIterator[None]:
        """Around one submission, from before its record to its end; how it ended is noted.

        Waits its turn. Raises NotAccepted where the provider takes nothing now, and
        DeadlineExceeded.
        """
        async with self._slot(deadline):
            entrance = await self._admit(deadline)
            try:
                with self._noting(entrance):
                    yield
            finally:
                self._breaker.leave(entrance)

    @asynccontextmanager
    async def resumed(self, deadline: float) -> AsyncIterator[None]:
        """Around one that the service has accepted before: it takes room, but asks for nothing."""
        async with self._slot(deadline):
            with self._noting(Entrance()):
                yield

    def refusal(self) -> NotAccepted:
        """What a submission that isn't even tried is told."""
        match self._health.last_error:
            case OutOfCredit() | Unauthorized() | RateLimited() as error:
                return type(error)(self.provider.name, "not tried")
            case _:
                return Unavailable(self.provider.name, "not tried")

    @contextmanager
    def _noting(self, entrance: Entrance) -> Iterator[None]:
        try:
            yield
        except ProviderError as error:
            self._note(error, entrance)
            raise
        else:
            self._answered()

    def _note(self, error: ProviderError, entrance: Entrance) -> None:
        match error:
            case OutOfCredit():
                self._breaker.trip(RECHECK)
            case RateLimited():
                pass  # it works, and is paused by its health
            case _ if isinstance(error, DOWN):
                self._breaker.failed(entrance)
            case _:
                self._answered()
                return
        if (news := self._health.failed(error)) is not None:
            logger.error("%s: %s", self.provider.name, news.value)
            self._on_trouble(self.provider.name, news)

    def _answered(self) -> None:
        self._health.answered()
        self._breaker.succeeded()

    async def _admit(self, deadline: float) -> Entrance:
        while True:
            if self._health.pause > 0 or (entrance := self._breaker.enter()) is None:
                raise self.refusal()
            wait = self._bucket.take() if self._bucket else 0.0
            if wait <= 0:
                return entrance
            self._breaker.leave(entrance)
            if self._clock.monotonic() + wait >= deadline:
                raise DeadlineExceeded(self.provider.name, "its turn would come too late")
            await self._clock.sleep(wait)

    @asynccontextmanager
    async def _slot(self, deadline: float) -> AsyncIterator[None]:
        if self._line or self._busy >= self.provider.max_concurrency:
            await self._stand_in_line(deadline)
        else:
            self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self._call_next()

    async def _stand_in_line(self, deadline: float) -> None:
        """First come, first served; whoever leaves hands the slot over."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await first_of(_until(turn), self._clock.sleep(deadline - self._clock.monotonic()))
        except BaseException:
            self._give_up(turn)
            raise
        if not turn.done():
            self._give_up(turn)
            raise DeadlineExceeded(self.provider.name, "its turn didn't come")

    def _give_up(self, turn: asyncio.Future[None]) -> None:
        if turn.done():  # called in this very moment
            self._busy -= 1
            self._call_next()
        else:
            self._line.remove(turn)

    def _call_next(self) -> None:
        while self._line and self._busy < self.provider.max_concurrency:
            self._busy += 1
            self._line.popleft().set_result(None)


async def _until(turn: asyncio.Future[None]) -> None:
    await asyncio.wait({turn})
