"""How every enabled provider does, asked now and all at once: for the doctor and for `/providers`."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.usecases.engines import Engines
from providers.base import ImageProvider, Metered, Probing
from providers.catalog import Offer
from providers.clock import Clock
from providers.errors import DeadlineExceeded, ProviderError, RateLimited
from providers.gate import Gate
from providers.status import Credit, ServiceStatus

PATIENCE = 10.0  # seconds for all of them together
GRACE = 1.0  # seconds more for one that overlooks its deadline


class Grade(StrEnum):
    GOOD = "good"
    DOUBTFUL = "doubtful"  # it may work, but its owner should know
    BROKEN = "broken"  # no picture comes from it until somebody does something


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderReport:
    """offers: what the bot would ask it for.

    status: what it answered; None where it failed, or is nobody to be asked.
    trouble: why it can't be used. seconds: until it answered, None where nobody was asked.
    rests_for: seconds for which the running bot sends it nothing, after what it answered before.
    """

    name: str
    offers: tuple[Offer, ...]
    status: ServiceStatus | None = None
    credit: Credit | None = None
    trouble: ProviderError | None = None
    seconds: float | None = None
    rests_for: float = 0.0

    @property
    def no_credit(self) -> bool:
        return self.credit is not None and self.credit.amount <= 0

    @property
    def unlisted(self) -> tuple[Offer, ...]:
        """What we offer and the service's own list doesn't name."""
        if self.status is None or self.status.models is None:
            return ()
        listed = set(self.status.models)
        # A pinned version stands behind a colon, and lists name none.
        return tuple(
            offer
            for offer in self.offers
            if listed.isdisjoint({offer.remote_name, offer.remote_name.partition(":")[0]})
        )

    @property
    def grade(self) -> Grade:
        throttled = isinstance(self.trouble, RateLimited)
        if self.no_credit or (self.trouble is not None and not throttled):
            return Grade.BROKEN
        idle = self.status is not None and not self.status.takes_work
        doubtful = throttled or idle or self.unlisted or self.rests_for > 0
        return Grade.DOUBTFUL if doubtful else Grade.GOOD


class ProbeProviders:
    """gates: of the running bot; the doctor has none."""

    def __init__(
        self, engines: Engines, clock: Clock, *, gates: Mapping[str, Gate] | None = None
    ) -> None:
        self._engines = engines
        self._clock = clock
        self._gates = gates or {}

    async def __call__(self) -> tuple[ProviderReport, ...]:
        """One report a provider, in PROVIDER_ORDER."""
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._report(name, provider))
                for name, provider in self._engines.providers.items()
            ]
        return tuple(task.result() for task in tasks)

    async def _report(self, name: str, provider: ImageProvider) -> ProviderReport:
        began = self._clock.monotonic()
        status, trouble = await self._ask(name, provider)
        asked = isinstance(provider, Probing)
        remembered = provider.credit if isinstance(provider, Metered) else None
        return ProviderReport(
            name=name,
            offers=tuple(offer for offer in self._engines.offers if offer.provider == name),
            status=status,
            credit=(status.credit if status else None) or remembered,
            trouble=trouble,
            seconds=self._clock.monotonic() - began if asked else None,
            rests_for=self._gates[name].closed_for if name in self._gates else 0.0,
        )

    async def _ask(
        self, name: str, provider: ImageProvider
    ) -> tuple[ServiceStatus | None, ProviderError | None]:
        try:
            async with asyncio.timeout(PATIENCE + GRACE):
                if isinstance(provider, Probing):
                    deadline = self._clock.monotonic() + PATIENCE
                    return await provider.probe(deadline=deadline), None
                await provider.check()
        except ProviderError as error:
            return None, error
        except TimeoutError:
            return None, DeadlineExceeded(name)
        return None, None
