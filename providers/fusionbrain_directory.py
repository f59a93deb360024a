"""Which surface of FusionBrain answers, and which pipeline there draws: asked once, remembered."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from providers.clock import Clock
from providers.errors import BadAnswer, ServiceGone, Unavailable
from providers.fusionbrain_answers import ABSENT, NAME, listing_error
from providers.fusionbrain_pipelines import Pipeline, choose, parse_listing
from providers.fusionbrain_surfaces import Surface
from providers.translation import following
from providers.wire import Answer, HostNotFound

KEPT = 3600.0
"""Seconds a pipeline is used before the list is looked at again: there may be a newer one."""


@dataclass(frozen=True, slots=True)
class Target:
    surface: Surface
    pipeline_id: str


class Directory:
    """`get` fetches a path below the root, before a deadline; what it raises is TransferError.

    surfaces: to be tried in this order.
    """

    def __init__(
        self,
        get: Callable[[str, float], Awaitable[Answer]],
        surfaces: Sequence[Surface],
        clock: Clock,
    ) -> None:
        self._get = get
        self._surfaces = surfaces
        self._clock = clock
        self._surface = surfaces[0] if len(surfaces) == 1 else None
        self._target: Target | None = None
        self._looked = 0.0

    async def surface(self, deadline: float) -> Surface:
        """Raises Unauthorized, ServiceGone, RateLimited, Unavailable, DeadlineExceeded."""
        return self._surface or (await self.listing(deadline))[0]

    async def target(self, deadline: float) -> Target:
        """Where to hand in, and to whom. Raises as `surface` does."""
        fresh = self._clock.monotonic() - self._looked < KEPT
        if self._target is not None and fresh:
            return self._target
        surface, pipelines = await self.listing(deadline)
        self._target = Target(surface, choose(pipelines).id)
        self._looked = self._clock.monotonic()
        return self._target

    def forget(self) -> None:
        """What was remembered was refused: look again."""
        self._target = None

    async def listing(self, deadline: float) -> tuple[Surface, tuple[Pipeline, ...]]:
        """Ask now. Nothing is handed in as yet, so an answer that can't be read makes the service
        unavailable. Raises as `surface` does.
        """
        try:
            with following(NAME), known_host():
                return await self._first_there(deadline)
        except BadAnswer as error:
            raise Unavailable(NAME, error.detail) from error

    async def _first_there(self, deadline: float) -> tuple[Surface, tuple[Pipeline, ...]]:
        for surface in self._surfaces:
            answer = await self._get(surface.listing, deadline)
            if answer.ok:
                pipelines = parse_listing(answer.json())
                self._surface = surface
                return surface, pipelines
            if answer.status not in ABSENT:
                raise listing_error(answer)
        paths = " nor ".join(surface.listing for surface in self._surfaces)
        raise ServiceGone(NAME, f"no {paths} at its address: the service is retired or has moved")


@contextmanager
def known_host() -> Iterator[None]:
    """Inside `submitting` or `following`: a host that isn't there any more is a service gone."""
    try:
        yield
    except HostNotFound as error:
        raise ServiceGone(
            NAME, "no host has its name: the service is retired or has moved"
        ) from error
