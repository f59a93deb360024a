"""Where a job stands, and an honest guess of how long it takes: only from measured times."""

from dataclasses import dataclass
from statistics import median

from bot.usecases.engines import Engines
from storage.base import Stores
from storage.records import Job


@dataclass(frozen=True, slots=True)
class Standing:
    """position: 1 for the next to start. seconds: until the picture; None: nothing measured yet."""

    position: int
    seconds: float | None


async def standing_of(job: Job, stores: Stores, engines: Engines) -> Standing | None:
    """None where the job is no longer queued."""
    position = await stores.jobs.position(job.id)
    if position is None:
        return None
    times = await stores.jobs.recent_durations(job.provider, job.model)
    if not times:
        return Standing(position, None)
    provider = engines.providers.get(job.provider)  # gone since: such a job ends in words soon
    at_once = provider.max_concurrency if provider else 1
    rounds = (position - 1) // at_once + 1
    return Standing(position, median(times) * rounds)
