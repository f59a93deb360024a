"""Cancel by the author (or a chat admin): a queued job ends at once, a running one is told to stop."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.usecases.endings import Ended, nobody
from bot.usecases.errors import AlreadyEnded, NothingToCancel
from providers.clock import Clock
from storage.base import Storage, Stores
from storage.records import Job, JobState, Outcome

CANCELED = Outcome(JobState.CANCELED)


@dataclass(frozen=True, slots=True)
class Cancellation:
    """ended: it was still queued and is over now; else the worker is stopping it."""

    job: Job
    ended: bool


class CancelJob:
    """`stop_running` tells this process's worker at once; other processes see the stored mark."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        *,
        stop_running: Callable[[int], None],
        on_ended: Ended = nobody,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._stop_running = stop_running
        self._on_ended = on_ended

    async def __call__(self, job_id: int) -> Cancellation:
        """Raises AlreadyEnded."""
        async with self._storage.transaction() as tx:
            cancellation = await self._end_or_mark(job_id, tx)
            if cancellation is None:
                raise AlreadyEnded
            await self._release([cancellation], tx)
        self._pass_on(cancellation)
        return cancellation

    async def job(self, job_id: int) -> Job:
        """Raises AlreadyEnded where there is no such job (any more)."""
        async with self._storage.reading() as view:
            job = await view.jobs.get(job_id)
        if job is None:
            raise AlreadyEnded
        return job

    async def asked_by(self, user_id: int, number: int) -> Job:
        """The one asked for in private without a message, by what stands for its id.

        Raises NothingToCancel.
        """
        async with self._storage.reading() as view:
            job = await view.jobs.of_message(user_id, number)
        if job is None:
            raise NothingToCancel
        return job

    async def adopt(self, job: Job, message_id: int) -> None:
        """This is the job's message: its outcome belongs there."""
        async with self._storage.transaction() as tx:
            await tx.jobs.set_status_message(job.id, message_id)

    async def all_of(self, user_id: int, chat_id: int | None = None) -> list[Cancellation]:
        """Everything the user has queued or running, in this chat or anywhere.

        Raises NothingToCancel.
        """
        async with self._storage.transaction() as tx:
            active = await tx.jobs.active_of(user_id, chat_id=chat_id)
            tried = [await self._end_or_mark(job.id, tx) for job in active]
            done = [each for each in tried if each is not None]
            await self._release(done, tx)
        if not done:
            raise NothingToCancel
        for cancellation in done:
            self._pass_on(cancellation)
        return done

    def _pass_on(self, cancellation: Cancellation) -> None:
        if cancellation.ended:
            self._on_ended(cancellation.job, CANCELED)
        else:
            self._stop_running(cancellation.job.id)

    async def _end_or_mark(self, job_id: int, tx: Stores) -> Cancellation | None:
        """None where it has its outcome already."""
        if await tx.jobs.finish(job_id, CANCELED, lease=None, now=self._clock.now()):
            job = await tx.jobs.get(job_id)
            assert job is not None  # noqa: S101 - it was ended in this very transaction
            return Cancellation(job, ended=True)
        marked = await tx.jobs.request_cancel(job_id)
        return Cancellation(marked, ended=False) if marked is not None else None

    async def _release(self, done: list[Cancellation], tx: Stores) -> None:
        """After the last of the jobs: whoever ends a job takes its row, then the account's; with
        the account in hand, waiting for one more job could be waiting for each other.
        """
        for cancellation in done:
            if cancellation.ended:
                await tx.quotas.settle(cancellation.job.id, 0, now=self._clock.now())
