"""One submission, from the record before the POST to the pictures on disk."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog

from bot.pictures.encoding import UnreadablePicture, crop_to
from bot.usecases.chat_settings import Nsfw, nsfw_policy
from bot.usecases.fates import fate_of
from bot.usecases.keeping import Keeping
from bot.usecases.lost import LostSubmissions
from bot.usecases.outage import waits_out
from bot.usecases.outcomes import PartResult
from bot.usecases.shares import Share
from bot.usecases.spec import Leg
from providers.base import ImageProvider, Reconciling
from providers.calls import to_its_end
from providers.catalog import Offer
from providers.clock import Clock
from providers.errors import (
    BadAnswer,
    Censored,
    DeadlineExceeded,
    NotAccepted,
    OutcomeUnknown,
    ProviderError,
)
from providers.gate import Gate
from providers.tracing import span
from providers.types import (
    GeneratedImage,
    GenerationRequest,
    GenerationResult,
    Progress,
    Ticket,
    VerdictStatus,
)
from storage.base import BlobStore, Storage
from storage.records import Job, NewArtifact, Submission

ASK_AGAIN = (1.0, 3.0, 8.0)  # seconds between tries to follow what a service is at work on

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Someone else has the job: stop without touching anything."""


@dataclass(frozen=True, slots=True)
class Part:
    """One share of a job on one of its legs. deadline: on the clock's monotonic scale.

    opened: an earlier try has opened its submission. alone: the job's only part: its pictures are
    recorded together with the outcome.
    """

    job: Job
    lease: str
    number: int
    leg: Leg
    share: Share
    request: GenerationRequest
    offer: Offer
    gate: Gate
    deadline: float
    alone: bool
    opened: bool = False

    @property
    def provider(self) -> ImageProvider:
        return self.gate.provider


@dataclass(frozen=True, slots=True)
class Receipt:
    """A submission on record, with what is known of it at the service."""

    submission_id: int
    ticket: Ticket


class PartRunner:
    """block_unchecked: pictures nobody checked are withheld (UNCHECKED_PICTURES=block).
    nsfw_allowed: the most that a chat's own policy can have shown (NSFW_ALLOWED).
    """

    def __init__(
        self,
        storage: Storage,
        blobs: BlobStore,
        clock: Clock,
        *,
        block_unchecked: bool,
        nsfw_allowed: Nsfw = Nsfw.BLOCK,
    ) -> None:
        self._nsfw_allowed = nsfw_allowed
        self._storage = storage
        self._keeping = Keeping(blobs, clock)
        self._clock = clock
        self._lost = LostSubmissions(storage, clock)
        self._block_unchecked = block_unchecked

    async def run(self, part: Part, on_progress: Callable[[Progress], None]) -> PartResult:
        """Raises LeaseLost; a provider's error is part of the result.

        A failed submission stays open: a crash before the job's end, or before the next leg is
        gone, must not find room for a second one.
        """
        receipt: Receipt | None = None
        try:
            async with self._entry(part):
                receipt = await self._open(part)
                result = receipt.ticket.result or await self._traced(part, receipt, on_progress)
                with span("store", provider=part.provider.name):
                    return await self._keep(part, receipt, result)
        except Censored as error:
            return PartResult(part.share, part.number, withheld=(error.verdict,))
        except ProviderError as error:
            if receipt is not None and isinstance(error, DeadlineExceeded):
                await part.provider.cancel(receipt.ticket)
            return _failed(part, error, accepted=receipt is not None)

    @waits_out
    async def release(self, job: Job, share: Share) -> None:
        """What was ordered here has failed for good: somebody else may be asked for it."""
        async with self._storage.transaction() as tx:
            for submission in await tx.jobs.submissions_of(job.id):
                if submission.part == share.first:
                    await tx.jobs.end_submission(submission.id)

    def _entry(self, part: Part) -> AbstractAsyncContextManager[None]:
        way = part.gate.resumed if part.opened else part.gate.submission
        return way(part.deadline)

    async def _traced(
        self, part: Part, receipt: Receipt, on_progress: Callable[[Progress], None]
    ) -> GenerationResult:
        with span("wait for service", provider=part.provider.name):
            return await self._follow(part, receipt, on_progress)

    async def _follow(
        self, part: Part, receipt: Receipt, on_progress: Callable[[Progress], None]
    ) -> GenerationResult:
        """While the service can't be asked it works on: the next question goes on from there."""
        for pause in ASK_AGAIN:
            try:
                return await part.provider.wait(
                    receipt.ticket, deadline=part.deadline, on_progress=on_progress
                )
            except NotAccepted as error:
                if self._clock.monotonic() + pause >= part.deadline:
                    raise
                log.info("asked again", part=part.share.first, error=type(error).__name__)
                await self._clock.sleep(pause)
        return await part.provider.wait(
            receipt.ticket, deadline=part.deadline, on_progress=on_progress
        )

    async def _open(self, part: Part) -> Receipt:
        """Go on with the submission an earlier try left open, or make one."""
        submission, is_new = await self._put_on_record(part)
        if is_new or part.provider.repeatable:
            return await self._order(part, submission)
        if submission.remote_id is not None:
            return Receipt(submission.id, Ticket(submission.remote_id))
        return await self._recover(part, submission)

    @waits_out
    async def _put_on_record(self, part: Part) -> tuple[Submission, bool]:
        opened = await self._storage.write(
            lambda tx: tx.jobs.open_submission(
                part.job.id,
                part.lease,
                part=part.share.first,
                images=part.share.count,
                provider=part.provider.name,
                now=self._clock.now(),
            ),
        )
        if opened is None:
            raise LeaseLost
        return opened

    async def _order(self, part: Part, submission: Submission) -> Receipt:
        try:
            return await to_its_end(self._call(part, submission.id))
        except (OutcomeUnknown, BadAnswer) as error:
            if part.provider.repeatable or not isinstance(part.provider, Reconciling):
                raise
            log.warning("answer lost", provider=part.provider.name, detail=error.detail)
        return await self._recover(part, submission)

    async def _recover(self, part: Part, submission: Submission) -> Receipt:
        ticket = await self._lost.recover(
            submission, part.request, part.offer, part.gate, deadline=part.deadline
        )
        return Receipt(submission.id, ticket)

    async def _call(self, part: Part, submission_id: int) -> Receipt:
        provider, model, images = part.provider.name, part.leg.model, part.share.count
        try:
            with span("submit", provider=provider, model=model, images=images):
                ticket = await part.provider.submit(
                    part.request, part.offer, deadline=part.deadline
                )
        except NotAccepted:
            await self._end(submission_id)
            raise
        await self._accepted(submission_id, ticket)
        return Receipt(submission_id, ticket)

    @waits_out
    async def _accepted(self, submission_id: int, ticket: Ticket) -> None:
        await self._storage.write(
            lambda tx: tx.jobs.record_remote_id(submission_id, ticket.remote_id)
        )

    @waits_out
    async def _end(self, submission_id: int) -> None:
        async with self._storage.transaction() as tx:
            await tx.jobs.end_submission(submission_id)

    async def _keep(self, part: Part, receipt: Receipt, result: GenerationResult) -> PartResult:
        """Put the allowed pictures on disk; a withheld one is dropped here and nowhere kept."""
        images = result.images[: part.request.num_images]
        policy = await self._policy(part.job, images)
        shown = [image for image in images if self._may_show(image, policy)]
        artifacts = [
            await self._store(part, position, image) for position, image in enumerate(shown)
        ]
        if artifacts and not part.alone:
            await self._record(part, receipt, artifacts)
        return PartResult(
            part.share,
            part.number,
            artifacts=tuple(artifacts),
            withheld=tuple(i.verdict for i in images if not self._may_show(i, policy)),
            unchecked=any(i.verdict.status is VerdictStatus.UNCHECKED for i in shown),
            covered=policy is Nsfw.SPOILER and any(i.verdict.sensitive for i in shown),
            notes=result.notes,
        )

    async def _cropped(self, part: Part, data: bytes, crop: tuple[int, int]) -> bytes:
        try:
            return await asyncio.to_thread(crop_to, data, crop)
        except UnreadablePicture as error:
            raise BadAnswer(part.provider.name, "a picture that can't be decoded") from error

    @waits_out
    async def _record(self, part: Part, receipt: Receipt, artifacts: list[NewArtifact]) -> None:
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            for artifact in artifacts:
                if not await tx.artifacts.add(part.job.id, part.lease, artifact, now=now):
                    raise LeaseLost
            await tx.jobs.end_submission(receipt.submission_id)

    async def _policy(self, job: Job, images: Sequence[GeneratedImage]) -> Nsfw:
        """The chat's for sensitive pictures; it is asked for only where there are any."""
        if self._nsfw_allowed is Nsfw.BLOCK or not any(i.verdict.sensitive for i in images):
            return Nsfw.BLOCK
        async with self._storage.reading() as view:
            return await nsfw_policy(view, job, self._nsfw_allowed)

    def _may_show(self, image: GeneratedImage, policy: Nsfw) -> bool:
        match image.verdict.status:
            case VerdictStatus.ALLOWED:
                return True
            case VerdictStatus.BLOCKED:
                may = image.verdict.sensitive and policy is not Nsfw.BLOCK
                return may and bool(image.data)  # only where it was handed over at all
            case VerdictStatus.UNCHECKED:
                return not self._block_unchecked

    async def _store(self, part: Part, position: int, image: GeneratedImage) -> NewArtifact:
        data, size, crop = image.data, (image.width, image.height), part.leg.crop
        if crop is not None and crop != size:
            data, size = await self._cropped(part, data, crop), crop
        return NewArtifact(
            part=part.share.first,
            position=position,
            sha256=await self._keeping.put(
                data, deadline=part.deadline, provider=part.provider.name
            ),
            media_type=image.media_type,
            width=size[0],
            height=size[1],
            seed=part.request.seed if image.seed is None else image.seed,
            size=len(data),
        )


def _failed(part: Part, error: ProviderError, *, accepted: bool) -> PartResult:
    log.warning(
        "submission failed",
        part=part.share.first,
        provider=part.provider.name,
        error=type(error).__name__,
        detail=error.detail,
    )
    fate = fate_of(error, accepted=accepted, repeatable=part.provider.repeatable)
    return PartResult(part.share, part.number, error=error, fate=fate)
