"""A scripted provider for tests and experiments; it draws real pictures and needs no network."""

import asyncio
import io
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from providers.catalog import Offer, Range, Sizes
from providers.clock import Clock, SystemClock
from providers.errors import (
    Censored,
    DeadlineExceeded,
    GenerationCanceled,
    OutcomeUnknown,
    ProviderError,
    ResultLost,
)
from providers.types import (
    GeneratedImage,
    GenerationRequest,
    GenerationResult,
    Mode,
    Note,
    Progress,
    ProgressCallback,
    Ticket,
    Verdict,
    VerdictStatus,
)
from providers.waiting import first_of

FAKE_OFFER = Offer(
    provider="fake",
    model="fake-model",
    remote_name="fake",
    modes=frozenset({Mode.TEXT_TO_IMAGE}),
    sizes=Sizes(sides=tuple(range(64, 1025, 64)), default=(256, 256)),
    max_images=4,
    steps=Range(1, 100, 20),
    guidance=Range(0, 20, 4),
    seed=True,
    negative_prompt=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What becomes of one submission; the functions below name the usual ones.

    refusal: raised by `submit`, with nothing accepted.
    answer_lost: `submit` raises OutcomeUnknown, though the work was accepted.
    progress: fractions reported before the end.
    previews: a small JPEG with each of these fractions, as long as there are any; None for none.
    notes: what is said with the result.
    seconds: how long the work takes, on the provider's clock.
    until: `wait` parks here first.
    failure: raised by `wait` in place of a result.
    images: how many pictures come, None for as many as were asked for.
    """

    refusal: ProviderError | None = None
    answer_lost: bool = False
    progress: tuple[float, ...] = (0.25, 0.5, 0.75)
    previews: tuple[bytes | None, ...] = ()
    notes: tuple[Note, ...] = ()
    seconds: float = 0.0
    until: asyncio.Event | None = None
    failure: ProviderError | None = None
    images: int | None = None


def succeed(*, seconds: float = 0.0, images: int | None = None) -> Behaviour:
    return Behaviour(seconds=seconds, images=images)


def refuse(error: ProviderError) -> Behaviour:
    """Accept nothing: `submit` raises `error`, any kind of NotAccepted or BadAnswer."""
    return Behaviour(refusal=error)


def censor_prompt(*categories: str) -> Behaviour:
    return Behaviour(refusal=_censored("prompt", categories))


def censor_picture(*categories: str) -> Behaviour:
    return Behaviour(failure=_censored("image", categories))


def fail(error: ProviderError) -> Behaviour:
    """Accept, then end in `error` (GenerationFailed, ResultLost, BadAnswer, ...)."""
    return Behaviour(failure=error)


def lose_answer(*, accepted: bool) -> Behaviour:
    """Leave open whether the work was accepted; `accepted` is what really happened."""
    return Behaviour(answer_lost=accepted, refusal=None if accepted else OutcomeUnknown("fake"))


def hang(until: asyncio.Event | None = None) -> Behaviour:
    """Work until the event is set, for ever without one (or until canceled, or the deadline)."""
    return Behaviour(until=until or asyncio.Event())


Script = Iterable[Behaviour] | Callable[[GenerationRequest], Behaviour]


@dataclass(slots=True)
class Submission:
    """The service's side of one accepted request."""

    remote_id: str
    request: GenerationRequest
    behaviour: Behaviour
    canceled: asyncio.Event = field(default_factory=asyncio.Event)


class FakeProvider:
    """An ImageProvider that does what its script says, and succeeds where the script ends.

    requests: what was submitted, refused requests included. cancels: remote ids, in order.
    accepted: the service's side by remote id; hand it to a second FakeProvider to play a restart.
    """

    def __init__(
        self,
        script: Script = (),
        *,
        name: str = "fake",
        repeatable: bool = False,
        max_concurrency: int = 4,
        offers: tuple[Offer, ...] = (FAKE_OFFER,),
        clock: Clock | None = None,
        accepted: dict[str, Submission] | None = None,
    ) -> None:
        self.name = name
        self.repeatable = repeatable
        self.max_concurrency = max_concurrency
        self.requests: list[GenerationRequest] = []
        self.cancels: list[str] = []
        self.accepted = accepted if accepted is not None else {}
        self.closed = False
        self._offers = offers
        self._clock = clock or SystemClock()
        self._next_behaviour = _reader(script)

    async def check(self) -> None:
        """Its configuration was checked when it was made."""

    async def start(self) -> None:
        """Nothing to get ready."""

    async def offers(self) -> tuple[Offer, ...]:
        return self._offers

    async def submit(self, request: GenerationRequest, offer: Offer, *, deadline: float) -> Ticket:
        self._check(deadline)
        self.requests.append(request)
        behaviour = self._next_behaviour(request)
        if behaviour.refusal is not None:
            raise behaviour.refusal
        submission = Submission(f"{self.name}-{len(self.accepted) + 1}", request, behaviour)
        self.accepted[submission.remote_id] = submission
        if behaviour.answer_lost:
            raise OutcomeUnknown(self.name, "the answer was lost")
        return Ticket(submission.remote_id)

    async def wait(
        self, ticket: Ticket, *, deadline: float, on_progress: ProgressCallback
    ) -> GenerationResult:
        self._check(deadline)
        if (submission := self.accepted.get(ticket.remote_id)) is None:
            raise ResultLost(self.name, "unknown id")
        await first_of(
            self._steps(submission.behaviour, deadline, on_progress), submission.canceled.wait()
        )
        if submission.canceled.is_set():
            raise GenerationCanceled(self.name)
        self._check(deadline)
        if submission.behaviour.failure is not None:
            raise submission.behaviour.failure
        return await asyncio.to_thread(_pictures, submission)

    async def cancel(self, ticket: Ticket) -> None:
        self.cancels.append(ticket.remote_id)
        if (submission := self.accepted.get(ticket.remote_id)) is not None:
            submission.canceled.set()

    async def aclose(self) -> None:
        self.closed = True

    async def _steps(
        self, behaviour: Behaviour, deadline: float, on_progress: ProgressCallback
    ) -> None:
        pause = behaviour.seconds / (len(behaviour.progress) + 1)
        previews = itertools.chain(behaviour.previews, itertools.repeat(None))
        for fraction, preview in zip(behaviour.progress, previews, strict=False):
            await self._clock.sleep(pause)
            on_progress(Progress(fraction, preview))
        await self._clock.sleep(pause)
        if behaviour.until is not None:
            rest = self._clock.sleep(deadline - self._clock.monotonic())
            await first_of(behaviour.until.wait(), rest)

    def _check(self, deadline: float) -> None:
        if self._clock.monotonic() >= deadline:
            raise DeadlineExceeded(self.name)


def draw_png(width: int, height: int, seed: int) -> bytes:
    """A PNG of one colour, which tells the seed. Blocks for some milliseconds."""
    from PIL import Image  # noqa: PLC0415 - Pillow is slow to import, and few tests draw

    colour = (seed * 97 % 256, seed * 57 % 256, seed * 17 % 256)
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _pictures(submission: Submission) -> GenerationResult:
    asked = submission.request
    images = submission.behaviour.images
    first = asked.seed if asked.seed is not None else 1
    count = asked.num_images if images is None else images
    return GenerationResult(
        tuple(
            GeneratedImage(
                draw_png(asked.width, asked.height, seed),
                "image/png",
                asked.width,
                asked.height,
                seed,
            )
            for seed in range(first, first + count)
        ),
        submission.behaviour.notes,
    )


def _reader(script: Script) -> Callable[[GenerationRequest], Behaviour]:
    if callable(script):
        return script
    behaviours = itertools.chain(script, itertools.repeat(Behaviour()))
    return lambda _request: next(behaviours)


def _censored(stage: Literal["prompt", "image"], categories: tuple[str, ...]) -> Censored:
    return Censored("fake", Verdict(VerdictStatus.BLOCKED, stage, "fake", categories))
