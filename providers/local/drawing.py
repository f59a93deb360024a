"""What the engines are asked for: requests with their pictures read and their sizes settled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from providers.local.batch import Watcher
from providers.local.images import Canvas
from providers.types import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the pictures of one call share.

    strength: from 0 to 1, of the steps how many are run over a given picture.
    scheduler: a name; None is the checkpoint's own.
    """

    mode: Mode
    canvas: Canvas
    steps: int
    guidance_scale: float
    prior_steps: int
    prior_guidance_scale: float
    strength: float
    scheduler: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One picture to draw; the given pictures are of the canvas's size.

    mask: mode L, white is repainted. hint: a depth map.
    mix: (picture, weight) of those to blend, in any size; the prompt's own weight is 1.
    """

    prompt: str
    negative_prompt: str
    seed: int
    init: Image.Image | None = None
    mask: Image.Image | None = None
    hint: Image.Image | None = None
    mix: tuple[tuple[Image.Image, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Finished:
    """A picture of the canvas's size; `censored` by a checker of the pipeline's own."""

    image: Image.Image
    censored: bool = False


class Engine(Protocol):
    """A loaded model, asked in its own way. To be used by one thread at a time."""

    modes: frozenset[Mode]

    def draw(
        self, settings: Settings, drawings: Sequence[Drawing], watcher: Watcher
    ) -> list[Finished | None]:
        """Pictures of the canvas's size in the order asked; None for one dropped on the way."""
        ...

    def unread(self, prompt: str) -> str:
        """The end of a prompt that is too long for the model, empty where it reads all of it."""
        ...
