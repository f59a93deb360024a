"""What goes into one call of the pipeline and comes out of it. Importable without torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from providers.types import GenerationRequest, Note, Verdict


@dataclass(frozen=True, slots=True)
class Item:
    """One picture to draw. `seed` is this picture's own; `request.num_images` plays no part here."""

    request: GenerationRequest
    seed: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """One finished picture, exactly of its request's size."""

    image: Image.Image
    verdict: Verdict
    notes: tuple[Note, ...] = ()


class Stopped(Exception):  # control flow in the thread that draws, never seen outside it
    """Raised between two steps of a call nobody waits for any more."""


class Watcher(Protocol):
    """Told what a running call does, between its steps, in the thread that draws."""

    def step(self, done: int, total: int) -> frozenset[int]:
        """`done` of `total` steps are over (prior and decoder; decoding the picture is none).

        Answers the positions of the items nobody wants any more, and raises Stopped where that
        is all of them.
        """
        ...

    def wants_preview(self) -> bool:
        """Whether it is time for preview frames; asked after each of the decoder's steps."""
        ...

    def preview(self, frames: Mapping[int, Image.Image]) -> None:
        """The pictures so far, small, by their item's position."""
        ...
