"""One submission, from the record before the POST to the pictures on disk."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.pictures import UnreadablePicture, crop_to
from bot.usecases.outcomes import PartResult
from providers.base import ImageProvider
from providers.calls import to_its_end
from providers.catalog import Offer
from providers.clock import Clock
from providers.errors import (
    BadAnswer,
    Censored,
    DeadlineExceeded,
    GenerationFailed,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    ResultLost,
    Unavailable,
)
from providers.types import (
    GeneratedImage,
    GenerationRequest,
    GenerationResult,
    Progress,
    Ticket,
    Verdict,
    VerdictStatus,
)
from storage.base import BlobStore, Storage
from storage.records import Job, NewArtifact

RETRY_DELAYS = (1.0, 3.0, 8.0)  # seconds; only after what can't have been accepted or was free

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Someone else has the job: stop without touching anything."""


@dataclass(frozen=True, slots=True)
class Part:
    """One share of a job. deadline: on the clock's monotonic scale."""

    job: Job
    lease: str
    index: int
    request: GenerationRequest
    offer: Offer
    provider: ImageProvider
    deadline: float
    crop: tuple[int, int] | None
    alone: bool  # the job's only part: its pictures are recorded together with the outcome


@dataclass(frozen=True, slots=True)
class Receipt:
    """A submission on record, with what is known of it at the service."""

    submission_id: int
    ticket: Ticket


class PartRunner:
    """block_unchecked: pictures nobody checked are withheld (UNCHECKED_PICTURES=block)."""

    def __init__(
        self, storage: Storage, blobs: BlobStore, clock: Clock, *, block_unchecked: bool
    ) -> None:
        self._storage = storage
        self._blobs = blobs
        self._clock = clock
        self._block_unchecked = block_unchecked

    async def run(self, part: Part, on_progress: Callable[[Progress], None]) -> PartResult:
        """Raises LeaseLost; a provider's error is part of the result."""
        recorded = await self._recorded(part)
        if recorded:
            return PartResult(artifacts=recorded, unchecked=True)
        try:
            receipt, result = await self._with_retries(part, on_progress)
            return await self._keep(part, receipt, result)
        except Censored as error:
            return PartResult(withheld=(error.verdict,))
        except ProviderError as error:
            log.warning(
                "submission failed",
                part=part.index,
                error=type(error).__name__,
                detail=error.detail,
            )
            return PartResult(error=error)

    async def _with_retries(
        self, part: Part, on_progress: Callable[[Progress], None]
    ) -> tuple[Receipt, GenerationResult]:
        for delay in RETRY_DELAYS:
            try:
                return await self._once(part, on_progress)
            except ProviderError as error:
                pause = _pause_after(error, part.provider, delay)
                if pause is None or self._clock.monotonic() + pause >= part.deadline:
                    raise
                log.info(
                    "submission retried", part=part.index, error=type(error).__name__, pause=pause
                )
                await self._clock.sleep(pause)
        return await self._once(part, on_progress)

    async def _once(
        self, part: Part, on_progress: Callable[[Progress], None]
    ) -> tuple[Receipt, GenerationResult]:
        receipt = await self._open(part)
        try:
            result = receipt.ticket.result or await part.provider.wait(
                receipt.ticket, deadline=part.deadline, on_progress=on_progress
            )
        except NotAccepted:
            raise  # the service can't be asked just now, but it works on: the next try goes on from here
        except ProviderError as error:
            if isinstance(error, DeadlineExceeded):
                await part.provider.cancel(receipt.ticket)
            if _pause_after(error, part.provider, 0.0) is not None:
                await self._end(receipt.submission_id)  # over there, and free to be made anew
            raise
        return receipt, result

    async def _open(self, part: Part) -> Receipt:
        """Go on with the submission an earlier try left open, or make one."""
        async with self._storage.transaction() as tx:
            opened = await tx.jobs.open_submission(
                part.job.id,
                part.lease,
                part=part.index,
                provider=part.provider.name,
                now=self._clock.now(),
            )
        if opened is None:
            raise LeaseLost
        submission, is_new = opened
        if submission.remote_id is not None:
            return Receipt(submission.id, Ticket(submission.remote_id))
        if not is_new and not part.provider.repeatable:
            # It stays open: a crash before the job's end must not find room for a second one.
            raise OutcomeUnknown(part.provider.name, "found without a remote id")
        return await to_its_end(self._call(part, submission.id))

    async def _call(self, part: Part, submission_id: int) -> Receipt:
        try:
            ticket = await part.provider.submit(part.request, part.offer, deadline=part.deadline)
        except NotAccepted:
            await self._end(submission_id)
            raise
        async with self._storage.transaction() as tx:
            await tx.jobs.record_remote_id(submission_id, ticket.remote_id)
        return Receipt(submission_id, ticket)

    async def _end(self, submission_id: int) -> None:
        async with self._storage.transaction() as tx:
            await tx.jobs.end_submission(submission_id)

    async def _keep(self, part: Part, receipt: Receipt, result: GenerationResult) -> PartResult:
        """Put the allowed pictures on disk; a withheld one is dropped here and nowhere kept."""
        images = result.images[: part.request.num_images]
        allowed = [image for image in images if self._may_show(image.verdict)]
        artifacts = [
            await self._store(part, position, image) for position, image in enumerate(allowed)
        ]
        if artifacts and not part.alone:
            await self._record(part, receipt, artifacts)
        return PartResult(
            artifacts=tuple(artifacts),
            withheld=tuple(i.verdict for i in images if not self._may_show(i.verdict)),
            unchecked=any(i.verdict.status is VerdictStatus.UNCHECKED for i in allowed),
            notes=result.notes,
        )

    async def _cropped(self, part: Part, data: bytes) -> bytes:
        assert part.crop is not None  # noqa: S101 - asked for by the caller only then
        try:
            return await asyncio.to_thread(crop_to, data, part.crop)
        except UnreadablePicture as error:
            raise BadAnswer(part.provider.name, "a picture that can't be decoded") from error

    async def _recorded(self, part: Part) -> tuple[NewArtifact, ...]:
        """The pictures an earlier try made of this part and recorded."""
        if part.alone:
            return ()
        async with self._storage.reading() as view:
            found = await view.artifacts.of_job(part.job.id)
        return tuple(artifact for artifact in found if artifact.part == part.index)

    async def _record(self, part: Part, receipt: Receipt, artifacts: list[NewArtifact]) -> None:
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            for artifact in artifacts:
                if not await tx.artifacts.add(part.job.id, part.lease, artifact, now=now):
                    raise LeaseLost
            await tx.jobs.end_submission(receipt.submission_id)

    def _may_show(self, verdict: Verdict) -> bool:
        match verdict.status:
            case VerdictStatus.ALLOWED:
                return True
            case VerdictStatus.BLOCKED:
                return False
            case VerdictStatus.UNCHECKED:
                return not self._block_unchecked

    async def _store(self, part: Part, position: int, image: GeneratedImage) -> NewArtifact:
        data, size = image.data, (image.width, image.height)
        if part.crop is not None and part.crop != size:
            data, size = await self._cropped(part, data), part.crop
        return NewArtifact(
            part=part.index,
            position=position,
            sha256=await self._blobs.put(data),
            media_type=image.media_type,
            width=size[0],
            height=size[1],
            seed=image.seed,
            size=len(data),
        )


def _pause_after(error: ProviderError, provider: ImageProvider, delay: float) -> float | None:
    """Seconds to wait before trying again; None where another try could do harm or no good."""
    match error:
        case RateLimited(retry_after=seconds):
            return delay if seconds is None else seconds
        case Unavailable():
            return delay
        case GenerationFailed(transient=True):
            return delay
        case ResultLost() | OutcomeUnknown() if provider.repeatable:
            return 0.0
        case _:
            return None
