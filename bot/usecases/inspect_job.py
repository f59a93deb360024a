"""Everything that is known of one job, and trying it again, for admins."""

from dataclasses import dataclass

from bot.usecases.cancel_job import CancelJob, Cancellation
from bot.usecases.emptied import is_emptied
from bot.usecases.errors import (
    CantRetry,
    Draining,
    NoSuchJob,
    OutOfUnits,
    PoolUsedUp,
    ResultGone,
)
from bot.usecases.new_job import MAX_QUEUE_TIME
from bot.usecases.pauses import DRAIN
from bot.usecases.payer import Payer
from bot.usecases.spec import JobSpec, Leg
from bot.usecases.traces import accepted
from providers.clock import Clock
from storage.base import Storage, Stores
from storage.errors import QuotaExceeded
from storage.records import Job, JobState, NewJob, Submission, User
from storage.summaries import Hold

RETRIED = frozenset({JobState.FAILED, JobState.CANCELED})
"""What may be tried again; what was censored never is."""


@dataclass(frozen=True, slots=True)
class JobView:
    """position: its place in the queue, where it waits. pictures: how many are kept of it."""

    job: Job
    spec: JobSpec
    user: User | None
    submissions: tuple[Submission, ...]
    pictures: int
    hold: Hold | None
    position: int | None

    @property
    def legs(self) -> tuple[Leg, ...]:
        return self.spec.legs(self.job)


class InspectJob:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def __call__(self, job_id: int) -> JobView:
        """Raises NoSuchJob."""
        async with self._storage.reading() as view:
            job = await view.jobs.get(job_id)
            if job is None:
                raise NoSuchJob(job_id)
            return JobView(
                job=job,
                spec=JobSpec.load(job.spec),
                user=await view.users.get(job.user_id),
                submissions=tuple(await view.jobs.submissions_of(job.id)),
                pictures=len(await view.artifacts.of_job(job.id)),
                hold=await view.statistics.hold_of(job.id),
                position=await view.jobs.position(job.id),
            )

    async def of_message(self, chat_id: int, message_id: int) -> int:
        """The job that this message asked for, or that it shows. Raises NoSuchJob."""
        async with self._storage.reading() as view:
            shown = await view.statistics.job_shown_in(chat_id, message_id)
            asked = await view.jobs.of_message(chat_id, message_id)
        if shown is None and asked is None:
            raise NoSuchJob(None)
        return shown or (asked.id if asked else 0)


class AdminCancel:
    """As CancelJob, with a line in the audit log."""

    def __init__(self, storage: Storage, cancel_job: CancelJob, clock: Clock) -> None:
        self._storage = storage
        self._cancel_job = cancel_job
        self._clock = clock

    async def __call__(self, job_id: int, *, by: int) -> Cancellation:
        """Raises AlreadyEnded."""
        cancellation = await self._cancel_job(job_id)
        async with self._storage.transaction() as tx:
            user = {"user": cancellation.job.user_id}
            now = self._clock.now()
            await tx.audit.add(by, "cancel_job", target_id=job_id, details=user, now=now)
        return cancellation


class RetryJob:
    """The same request once more: a new job for the same person in the same place, that costs what
    any job does. A job is retried once, however often it is asked for; then its retry may be.
    """

    def __init__(self, storage: Storage, payer: Payer, clock: Clock) -> None:
        self._storage = storage
        self._payer = payer
        self._clock = clock

    async def __call__(self, job_id: int, *, number: int, by: int) -> tuple[Job, bool]:
        """number: stands for the message that asked, the same for the same job. False: it was
        retried before, as this one.

        Raises NoSuchJob, CantRetry, ResultGone, Draining, OutOfUnits.
        """
        async with self._storage.transaction() as tx:
            old = await tx.jobs.get(job_id)
            if old is None:
                raise NoSuchJob(job_id)
            if old.state not in RETRIED:
                raise CantRetry(old.state)
            if is_emptied(JobSpec.load(old.spec)):
                raise ResultGone
            if await tx.controls.get(DRAIN) is not None:
                raise Draining
            now = self._clock.now()
            job, created = await tx.jobs.enqueue(self._again(old, number), now=now)
            if created:
                job = await self._hold(tx, job)
                details = {"user": job.user_id, "job": job.id}
                await tx.audit.add(by, "retry_job", target_id=job_id, details=details, now=now)
        if created:
            accepted(job)
        return job, created

    async def _hold(self, tx: Stores, job: Job) -> Job:
        try:
            return await self._payer.hold(tx, job, self._clock.now())
        except (QuotaExceeded, PoolUsedUp) as error:
            raise OutOfUnits(job.user_id, error.needed, error.left) from error

    def _again(self, old: Job, number: int) -> NewJob:
        return NewJob(
            chat_id=old.chat_id,
            message_id=number,
            thread_id=old.thread_id,
            user_id=old.user_id,
            chat_kind=old.chat_kind,
            provider=old.provider,
            model=old.model,
            cost=old.cost,
            spec=old.spec,
            deadline=self._clock.now() + MAX_QUEUE_TIME,
            language=old.language,
            parent_id=old.parent_id,
            reply_to=old.reply_to or old.message_id,
            inline_message_id=old.inline_message_id,
        )
