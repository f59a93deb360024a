"""Run one claimed job to its outcome. It may be the second try: what was accepted is never redone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import structlog

from bot.usecases.chat_settings import Nsfw
from bot.usecases.endings import Ended, nobody
from bot.usecases.engines import Engines
from bot.usecases.history import History, history_of
from bot.usecases.journey import Journey, Trip
from bot.usecases.keeping import Keeping
from bot.usecases.moderation import Tally
from bot.usecases.outage import waits_out
from bot.usecases.outcomes import PartResult, outcome_of
from bot.usecases.route import Route
from bot.usecases.spec import JobSpec
from bot.usecases.strikes import Strikes
from bot.usecases.submit import LeaseLost, PartRunner
from providers.clock import Clock
from providers.gate import Gate
from providers.tracing import span
from providers.types import ProgressCallback, Ticket
from storage.base import BlobStore, Storage, Stores
from storage.errors import PictureMissing, PicturesAway
from storage.records import Job, JobState, Outcome, Submission, SubmissionState

RUN_TIME = timedelta(minutes=10)  # from the claim: one deadline over all a try does
MAX_ATTEMPTS = 5

log = structlog.get_logger(__name__)


class RunJob:
    """Call it once per claim; `lease` is the claim's fence."""

    def __init__(
        self,
        storage: Storage,
        blobs: BlobStore,
        engines: Engines,
        gates: Mapping[str, Gate],
        clock: Clock,
        *,
        tally: Tally,
        strikes: Strikes,
        block_unchecked: bool = False,
        nsfw_allowed: Nsfw = Nsfw.BLOCK,
        run_time: timedelta = RUN_TIME,
        on_ended: Ended = nobody,
    ) -> None:
        self._storage = storage
        self._keeping = Keeping(blobs, clock)
        self._engines = engines
        self._gates = gates
        self._tally = tally
        self._strikes = strikes
        self._clock = clock
        self._run_time = run_time
        self._on_ended = on_ended
        self._runner = PartRunner(
            storage, blobs, clock, block_unchecked=block_unchecked, nsfw_allowed=nsfw_allowed
        )

    async def __call__(self, job: Job, lease: str, on_progress: ProgressCallback) -> bool:
        """True: the job has its outcome. False: the lease was lost on the way, nothing was done.

        Raises OnHold.
        """
        outcome = self._refusal(job)
        results: Sequence[PartResult] = ()
        if outcome is None:
            spec = JobSpec.load(job.spec)
            try:
                trip = self._trip(job, lease, spec)
                results = await (await self._journey(trip, on_progress)).run()
                outcome = outcome_of(results, trip.legs)
            except LeaseLost:
                return False
            except (PictureMissing, PicturesAway):
                outcome = Outcome(JobState.FAILED, reason="input_lost")
        return await self.finish(job, lease, outcome, results)

    async def cancel(self, job: Job, lease: str) -> bool:
        """Stop what the service still works on, and end the job as canceled."""
        for submission in await self._submissions(job):
            if submission.remote_id and submission.state is not SubmissionState.ENDED:
                await self._cancel_there(submission.provider, submission.remote_id)
        return await self.finish(job, lease, Outcome(JobState.CANCELED))

    @waits_out
    async def finish(
        self, job: Job, lease: str, outcome: Outcome, results: Sequence[PartResult] = ()
    ) -> bool:
        """The outcome, the pictures, the charge and what was censored, in one transaction; once, by
        whoever has the lease.
        """
        try:
            with span("settle", outcome=outcome.state.value):
                await self._storage.write(lambda tx: self._finish(tx, job, lease, outcome, results))
        except LeaseLost:
            return False
        log.info("job ended", state=outcome.state.value, reason=outcome.reason, units=outcome.units)
        self._on_ended(job, outcome)
        return True

    async def _finish(
        self, tx: Stores, job: Job, lease: str, outcome: Outcome, results: Sequence[PartResult]
    ) -> None:
        """Raises LeaseLost."""
        now = self._clock.now()
        for artifact in (a for result in results for a in result.artifacts):
            if not await tx.artifacts.add(job.id, lease, artifact, now=now):
                raise LeaseLost
        outcome = await self._with_strike(tx, job, outcome, now)
        if not await tx.jobs.finish(job.id, outcome, lease=lease, now=now):
            raise LeaseLost
        await tx.quotas.settle(job.id, outcome.units, now=now)
        withheld = (verdict for result in results for verdict in result.withheld)
        await self._tally.count(tx, withheld, source=job.provider)

    async def _with_strike(self, tx: Stores, job: Job, outcome: Outcome, now: datetime) -> Outcome:
        """A censored request counts against its author; one that could only not be checked doesn't."""
        if outcome.state is not JobState.CENSORED or outcome.reason == "unchecked_blocked":
            return outcome
        strike = await self._strikes.count(tx, job.user_id, now)
        if strike is None:
            return outcome
        return replace(
            outcome, reason_data={**(outcome.reason_data or {}), "strike": asdict(strike)}
        )

    def _refusal(self, job: Job) -> Outcome | None:
        if job.attempts > MAX_ATTEMPTS:
            return Outcome(JobState.FAILED, reason="gave_up")
        if self._clock.now() > job.deadline:
            return Outcome(JobState.FAILED, reason="waited_too_long")
        if not any(map(self._engines.offer_of, JobSpec.load(job.spec).legs(job))):
            return Outcome(JobState.FAILED, reason="gone")
        return None

    def _trip(self, job: Job, lease: str, spec: JobSpec) -> Trip:
        started = job.started_at or self._clock.now()
        left = (started + self._run_time - self._clock.now()).total_seconds()
        return Trip(job, lease, spec, spec.legs(job), self._clock.monotonic() + left)

    @waits_out
    async def _journey(self, trip: Trip, on_progress: ProgressCallback) -> Journey:
        async def history(view: Stores) -> History:
            return history_of(
                await view.jobs.submissions_of(trip.job.id),
                await view.artifacts.of_job(trip.job.id),
                total=trip.total,
            )

        known = await self._storage.read(history)
        legs = {
            number: leg
            for number, leg in enumerate(trip.legs)
            if self._engines.offer_of(leg) is not None
        }
        return Journey(
            trip,
            history=known,
            route=Route(legs, self._gates, self._clock, last=known.failed),
            runner=self._runner,
            engines=self._engines,
            gates=self._gates,
            keeping=self._keeping,
            on_progress=on_progress,
        )

    @waits_out
    async def _submissions(self, job: Job) -> Sequence[Submission]:
        async with self._storage.reading() as view:
            return await view.jobs.submissions_of(job.id)

    async def _cancel_there(self, provider: str, remote_id: str) -> None:
        if provider in self._engines.providers:
            await self._engines.providers[provider].cancel(Ticket(remote_id))
