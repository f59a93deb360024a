"""Run one claimed job to its outcome. It may be the second try: what was accepted is never redone."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import structlog

from bot.usecases.engines import Engines
from bot.usecases.inputs import with_inputs
from bot.usecases.moderation import Tally
from bot.usecases.outcomes import PartResult, outcome_of
from bot.usecases.spec import JobSpec
from bot.usecases.submit import LeaseLost, Part, PartRunner
from providers.clock import Clock
from providers.types import Progress, ProgressCallback, Ticket
from storage.base import BlobStore, Storage
from storage.errors import PictureMissing
from storage.records import Job, JobState, Outcome, SubmissionState

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
        tally: Tally,
        clock: Clock,
        *,
        block_unchecked: bool = False,
    ) -> None:
        self._storage = storage
        self._blobs = blobs
        self._engines = engines
        self._tally = tally
        self._clock = clock
        self._runner = PartRunner(storage, blobs, clock, block_unchecked=block_unchecked)

    async def __call__(self, job: Job, lease: str, on_progress: ProgressCallback) -> bool:
        """True: the job has its outcome. False: the lease was lost on the way, nothing was done."""
        outcome = self._refusal(job)
        results: Sequence[PartResult] = ()
        if outcome is None:
            spec = JobSpec.load(job.spec)
            try:
                results = await self._run_parts(job, lease, spec, on_progress)
                outcome = outcome_of(results, asked=spec.request.num_images, cost=job.cost)
            except LeaseLost:
                return False
            except PictureMissing:
                outcome = Outcome(JobState.FAILED, reason="input_lost")
        return await self.finish(job, lease, outcome, results)

    async def cancel(self, job: Job, lease: str) -> bool:
        """Stop what the service still works on, and end the job as canceled."""
        async with self._storage.reading() as view:
            submissions = await view.jobs.submissions_of(job.id)
        for submission in submissions:
            if submission.remote_id and submission.state is not SubmissionState.ENDED:
                await self._cancel_there(submission.provider, submission.remote_id)
        return await self.finish(job, lease, Outcome(JobState.CANCELED))

    async def finish(
        self, job: Job, lease: str, outcome: Outcome, results: Sequence[PartResult] = ()
    ) -> bool:
        """The outcome, the pictures, the charge and what was censored, in one transaction; once, by
        whoever has the lease.
        """
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            for artifact in (a for result in results for a in result.artifacts):
                if not await tx.artifacts.add(job.id, lease, artifact, now=now):
                    return False
            if not await tx.jobs.finish(job.id, outcome, lease=lease, now=now):
                return False
            await tx.quotas.settle(job.id, outcome.units, now=now)
            withheld = (verdict for result in results for verdict in result.withheld)
            await self._tally.count(tx, withheld, source=job.provider)
        log.info("job ended", state=outcome.state.value, reason=outcome.reason, units=outcome.units)
        return True

    def _refusal(self, job: Job) -> Outcome | None:
        if job.attempts > MAX_ATTEMPTS:
            return Outcome(JobState.FAILED, reason="gave_up")
        if self._clock.now() > job.deadline:
            return Outcome(JobState.FAILED, reason="waited_too_long")
        if self._engines.offer(job.provider, job.model) is None:
            return Outcome(JobState.FAILED, reason="gone")
        return None

    async def _run_parts(
        self, job: Job, lease: str, spec: JobSpec, on_progress: ProgressCallback
    ) -> list[PartResult]:
        loaded = await with_inputs(spec.request, spec.inputs, self._blobs)
        parts = self._parts(job, lease, spec.model_copy(update={"request": loaded}))
        fractions = [0.0] * len(parts)

        def report(index: int, progress: Progress) -> None:
            fractions[index] = progress.fraction
            # Of several parts the first one's previews are shown: one picture that grows.
            preview = progress.preview if index == 0 else None
            on_progress(Progress(sum(fractions) / len(fractions), preview))

        # No task group: it keeps a second cancellation, the one that gives up a call in hand
        # (`usecases.calls`), to itself. And a part that fails must not cost the others' pictures.
        ended = await asyncio.gather(
            *(self._runner.run(part, partial(report, part.index)) for part in parts),
            return_exceptions=True,
        )
        return _results(ended)

    def _parts(self, job: Job, lease: str, spec: JobSpec) -> list[Part]:
        offer = self._engines.offer(job.provider, job.model)
        assert offer is not None  # noqa: S101 - `_refusal` has seen to it
        requests = spec.parts()
        started = job.started_at or self._clock.now()
        left = (started + RUN_TIME - self._clock.now()).total_seconds()
        return [
            Part(
                job=job,
                lease=lease,
                index=index,
                request=request,
                offer=offer,
                provider=self._engines.providers[job.provider],
                deadline=self._clock.monotonic() + left,
                crop=spec.crop,
                alone=len(requests) == 1,
            )
            for index, request in enumerate(requests)
        ]

    async def _cancel_there(self, provider: str, remote_id: str) -> None:
        if provider in self._engines.providers:
            await self._engines.providers[provider].cancel(Ticket(remote_id))


def _results(ended: Sequence[PartResult | BaseException]) -> list[PartResult]:
    """Raises what a part raised, a lost lease first."""
    failures = [each for each in ended if isinstance(each, BaseException)]
    failures.sort(key=lambda failure: not isinstance(failure, LeaseLost))
    for failure in failures:
        raise failure
    return [each for each in ended if isinstance(each, PartResult)]
