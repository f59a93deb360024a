"""Pictures between the pipeline's sizes and the asked ones, and into bytes. CPU work: off the loop."""

from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from math import ceil
from typing import Any

from PIL import Image, ImageOps

from providers.sizes import Size
from providers.types import GeneratedImage, OutputFormat

ENCODER_OPTIONS: dict[OutputFormat, dict[str, Any]] = {
    "png": {},
    "jpeg": {"quality": 95, "subsampling": 0},
    "webp": {"quality": 90},
}

MULTIPLE = 64
"""Sides drawn are multiples of this: every family's networks take them without padding."""

PREVIEW_SIDE = 320
"""The longer side of a preview frame, in pixels."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """What is drawn for a picture of the asked size: `scale` times smaller, and some more around it.

    size: drawn. asked: wanted in the end. Both (width, height) in pixels.
    """

    size: Size
    asked: Size
    scale: float = 1.0
    pixelated: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The middle part that becomes the picture: left, top, right, bottom."""
        width, height = self.asked[0] / self.scale, self.asked[1] / self.scale
        left, top = (self.size[0] - width) // 2, (self.size[1] - height) // 2
        return left, top, left + width, top + height

    def squared(self) -> "Canvas":
        """The same for pixel art: every drawn pixel becomes a square of whole pixels."""
        return replace(self, scale=float(ceil(self.scale)), pixelated=True)

    def finish(self, drawn: Image.Image) -> Image.Image:
        """Cut off what was drawn around the picture and enlarge the rest to the asked size."""
        how = Image.Resampling.NEAREST if self.pixelated else Image.Resampling.LANCZOS
        return drawn.resize(self.asked, how, box=self.box)

    def preview(self, frame: Image.Image) -> Image.Image:
        """A frame of the canvas's shape, in any size, as a small picture of the asked shape."""
        scale = frame.width / self.size[0]
        left, top, right, bottom = (side * scale for side in self.box)
        box = (left, top, min(right, frame.width), min(bottom, frame.height))
        small = PREVIEW_SIDE / max(self.asked)
        size = (max(1, round(self.asked[0] * small)), max(1, round(self.asked[1] * small)))
        return frame.resize(size, Image.Resampling.BICUBIC, box=box)

    def place(self, picture: Image.Image) -> Image.Image:
        """Put a picture of the asked size where `finish` would take it from.

        Around it its border goes on: what lies there influences what is drawn beside it.
        """
        import numpy as np

        left, top = int(self.box[0]), int(self.box[1])
        right, bottom = ceil(self.box[2]), ceil(self.box[3])
        how = Image.Resampling.NEAREST if picture.mode == "L" else Image.Resampling.LANCZOS
        pixels = np.asarray(picture.resize((right - left, bottom - top), how))
        margins = [(top, self.size[1] - bottom), (left, self.size[0] - right), (0, 0)]
        return Image.fromarray(np.pad(pixels, margins[: pixels.ndim], mode="edge"))


def canvas_for(asked: Size) -> Canvas:
    """The asked size with each side rounded up to what can be drawn."""
    return Canvas((_round_up(asked[0]), _round_up(asked[1])), asked)


def _round_up(side: int) -> int:
    return -(-side // MULTIPLE) * MULTIPLE


@lru_cache(maxsize=1024)
def canvas_among(sizes: tuple[Size, ...], asked: Size) -> Canvas:
    """One of the few sizes a small model was trained for: the one of which most can be shown."""

    def scale(size: Size) -> float:
        return max(asked[0] / size[0], asked[1] / size[1])

    best = min(sizes, key=lambda size: (scale(size), size[0] * size[1]))
    return Canvas(best, asked, scale(best))


def cover(picture: Image.Image, size: Size) -> Image.Image:
    """The picture in exactly this size, its middle where the shape differs."""
    how = Image.Resampling.NEAREST if picture.mode == "L" else Image.Resampling.LANCZOS
    return ImageOps.fit(picture, size, how)


def encode(image: Image.Image, output_format: OutputFormat, seed: int) -> GeneratedImage:
    buffer = BytesIO()
    image.save(buffer, output_format, **ENCODER_OPTIONS[output_format])
    return GeneratedImage(
        data=buffer.getvalue(),
        media_type=f"image/{output_format}",
        width=image.width,
        height=image.height,
        seed=seed,
    )
