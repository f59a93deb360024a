"""Which pictures are drawn in one call. Pure."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar

from providers.types import GenerationRequest, Mode


class BatchKey(NamedTuple):
    """What the pictures of one call have in common.

    Everything else is each picture's own: seed, prompt, negative prompt, given pictures, masks.
    """

    mode: Mode
    size: tuple[int, int]
    steps: int | None
    prior_steps: int | None
    guidance: float | None
    prior_guidance: float | None
    scheduler: str | None
    strength: float | None
    has_negative: bool


def batch_key(request: GenerationRequest) -> BatchKey:
    return BatchKey(
        mode=request.mode,
        size=(request.width, request.height),
        steps=request.num_inference_steps,
        prior_steps=request.prior_num_inference_steps,
        guidance=request.guidance_scale,
        prior_guidance=request.prior_guidance_scale,
        scheduler=request.scheduler,
        strength=request.strength,
        has_negative=bool(request.negative_prompt),
    )


class Batchable(Protocol):
    """alone: it must not share a call with others."""

    @property
    def key(self) -> BatchKey: ...

    @property
    def alone(self) -> bool: ...


B = TypeVar("B", bound=Batchable)


def choose(waiting: Sequence[B], limit: Callable[[BatchKey], int]) -> list[B]:
    """The next batch: the one who has waited longest and, in order, others of the same key.

    Whoever is there: nobody waits for company.
    waiting: the longest waiting first. limit: how many of a key one call takes, at least 1.
    """
    if not waiting:
        return []
    first = waiting[0]
    if first.alone:
        return [first]
    company = (one for one in waiting if one.key == first.key and not one.alone)
    return list(islice(company, max(1, limit(first.key))))
