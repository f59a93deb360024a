"""From a command to the books: the real use cases, worker and storage, without a Telegram."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.parsing import ImagineCommand
from bot.usecases.asker import Asker
from bot.usecases.clock_jumps import ClockJumps
from bot.usecases.engines import Engines
from bot.usecases.imagine import Imagine
from bot.usecases.inputs import PrepareInputs
from bot.usecases.moderation import Moderation, Tally
from bot.usecases.pauses import Pauses
from bot.usecases.payer import Payer
from bot.usecases.quotas import QuotaRules
from bot.usecases.run_job import RUN_TIME, RunJob
from bot.usecases.spec import JobSpec
from bot.usecases.strikes import Strikes
from bot.worker import Worker
from providers.base import ImageProvider
from providers.clock import Clock
from providers.health import Trouble
from providers.limits import Gates
from providers.moderation.rules import WordRules, shipped_lists
from providers.types import Progress, Wish
from storage.base import Storage
from storage.blobs import FileBlobs
from storage.engine import open_storage
from storage.records import Artifact, Job, Submission

USER = 1
QUOTA = 100_000


class Watcher:
    """Knows which jobs have ended, and nothing else of what is shown."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        self.ended_ids: set[int] = set()

    def started(self, job: Job) -> None: ...

    def progressed(self, job: Job, progress: Progress) -> None: ...

    def kept(self, job: Job, lease_until: datetime) -> None: ...

    def lost(self, job: Job) -> None: ...

    def requeued(self, job: Job) -> None: ...

    def ended(self, job: Job) -> None:
        self.ended_ids.add(job.id)
        self._changed.set()

    async def until_ended(self, jobs: Sequence[Job]) -> None:
        wanted = {job.id for job in jobs}
        while not wanted <= self.ended_ids:
            self._changed.clear()
            await self._changed.wait()


class Dispatch:
    def __init__(
        self,
        storage: Storage,
        folder: Path,
        engines: Engines,
        clock: Clock,
        *,
        run_time: timedelta,
    ) -> None:
        self.storage = storage
        self._clock = clock
        self._rules = QuotaRules(QUOTA, ZoneInfo("UTC"))
        self.engines = engines
        self.told: list[tuple[str, Trouble]] = []
        self.gates = Gates(
            engines.providers,
            clock,
            on_trouble=lambda name, trouble: self.told.append((name, trouble)),
        )
        blobs = FileBlobs(folder)
        tally = Tally(self._rules, clock)
        strikes = Strikes(before_pause=0, first_pause=timedelta())
        self.imagine = Imagine(
            storage,
            PrepareInputs(blobs),
            engines,
            Payer(self._rules),
            clock,
            gates=self.gates,
            moderation=Moderation(WordRules(shipped_lists())),
            tally=tally,
            strikes=strikes,
            requests_per_minute=100_000,
        )
        self.run_job = RunJob(
            storage,
            blobs,
            engines,
            self.gates,
            clock,
            tally=tally,
            strikes=strikes,
            run_time=run_time,
        )
        self.pauses = Pauses(storage, self.gates, clock)
        self.watcher = Watcher()
        self.worker = Worker(
            storage,
            engines,
            self.run_job,
            self.watcher,
            clock,
            gates=self.gates,
            pauses=self.pauses,
            jumps=ClockJumps(storage, clock),
            max_running_per_user=100,
        )
        self._messages = itertools.count(1)

    async def ask(
        self,
        wish: Wish,
        *,
        user: int = USER,
        model: str | None = None,
        via: str | None = None,
    ) -> Job:
        asker = Asker(user, None, None, user, "private", next(self._messages), None)
        accepted = await self.imagine(ImagineCommand(wish, model=model, provider=via), asker)
        self.worker.ring()
        return accepted.job

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.worker.run())
            yield
            self.worker.stop()

    async def job(self, job_id: int) -> Job:
        async with self.storage.reading() as view:
            job = await view.jobs.get(job_id)
        assert job is not None
        return job

    async def made(self, wish: Wish, **how: Any) -> Job:
        """Ask, let it be worked on, and see how it ended."""
        async with self.working():
            job = await self.ask(wish, **how)
            async with asyncio.timeout(60):
                await self.watcher.until_ended([job])
        return await self.job(job.id)

    async def artifacts(self, job: Job) -> list[Artifact]:
        async with self.storage.reading() as view:
            return await view.artifacts.of_job(job.id)

    async def submissions(self, job: Job) -> list[Submission]:
        async with self.storage.reading() as view:
            return await view.jobs.submissions_of(job.id)

    async def charged(self, user: int = USER) -> int:
        """Units spent; at the end none are held."""
        async with self.storage.reading() as view:
            quota = await view.quotas.view(user, day=self._rules.day_at(self._clock.now()))
        assert quota.held == 0
        return QUOTA - quota.left


def spec_of(job: Job) -> JobSpec:
    return JobSpec.load(job.spec)


@asynccontextmanager
async def dispatch(
    folder: Path,
    providers: Mapping[str, ImageProvider],
    clock: Clock,
    *,
    run_time: timedelta = RUN_TIME,
) -> AsyncIterator[Dispatch]:
    storage = await open_storage(f"sqlite+aiosqlite:///{folder / 'bot.db'}")
    try:
        offers = [offer for provider in providers.values() for offer in await provider.offers()]
        engines = Engines(providers, offers)
        yield Dispatch(storage, folder / "pictures", engines, clock, run_time=run_time)
    finally:
        await storage.close()
