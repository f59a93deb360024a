"""Queued jobs of a paused provider go to the next of their legs that isn't paused."""

from bot.usecases.engines import Engines
from bot.usecases.spec import JobSpec, Leg
from storage.base import Stores
from storage.records import Job


class Redirect:
    """Each job is looked at once for as long as the same providers are paused."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._paused: frozenset[str] = frozenset()
        self._seen: dict[str, int] = {}  # by provider: the newest job looked at

    def start_over(self) -> None:
        """Jobs have come back into the queue."""
        self._seen.clear()

    async def __call__(self, tx: Stores, paused: frozenset[str]) -> None:
        if paused != self._paused:
            self._paused = paused
            self.start_over()
        for provider in sorted(paused):
            for job in await tx.jobs.queued_at(provider, after=self._seen.get(provider, 0)):
                self._seen[provider] = job.id
                await self._redirect(tx, job)

    async def _redirect(self, tx: Stores, job: Job) -> None:
        spec = JobSpec.load(job.spec)
        legs = spec.legs(job)
        first = next((leg for leg in legs if self._is_open(leg)), None)
        if first is None:
            return
        others = [leg for leg in legs if leg is not first]
        changed = JobSpec.of(spec.wish, [first, *others], spec.inputs)
        await tx.jobs.redirect(
            job.id,
            away_from=job.provider,
            provider=first.provider,
            model=first.model,
            spec=changed.dump(),
        )

    def _is_open(self, leg: Leg) -> bool:
        return leg.provider not in self._paused and self._engines.offer_of(leg) is not None
