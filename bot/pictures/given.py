"""Pictures people send, made into what an engine takes; pure, and slow: call it in a thread.

They come from phones and from strangers: sideways by EXIF, animated, of any colour mode, cut short
or made to unpack into gigabytes. The size is judged by the header, before anything is decoded.
"""

# ruff: noqa: PLC0415 - Pillow is imported when first used, as in `bot/pictures/encoding.py`

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from bot.usecases.errors import PictureRefused, PictureTrouble

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_SIDE = 2048
"""Longer pictures are made smaller: no engine draws larger ones."""
MIN_SIDE = 16
MAX_RATIO = 10
MAX_PIXELS = 50_000_000
"""The most that is decoded: 200 MB in memory, twice that while it is made smaller. A phone's largest photos have as many."""


@dataclass(frozen=True, slots=True)
class ReadyPicture:
    """An upright RGB JPEG of at most MAX_SIDE; width and height are its own, in pixels."""

    data: bytes
    width: int
    height: int


def ready(data: bytes) -> ReadyPicture:
    """Raises PictureRefused."""
    picture = flattened(opened(data))
    file = BytesIO()
    picture.save(file, "JPEG", quality=95, subsampling="4:4:4")
    return ReadyPicture(file.getvalue(), *picture.size)


def opened(data: bytes) -> "Image":
    """Decoded, upright, RGB or RGBA, of at most MAX_SIDE: the first frame. Raises PictureRefused."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we judge ourselves
            with Image.open(BytesIO(data), formats=FORMATS) as picture:
                _check_size(picture)
                picture.draft(None, (MAX_SIDE, MAX_SIDE))  # a large JPEG is read at a fraction
                picture.load()
                plain = _eight_bits(picture)
                plain.thumbnail((MAX_SIDE, MAX_SIDE))  # before the next copy is made
                return ImageOps.exif_transpose(plain)
    except PictureRefused:
        raise
    except UnidentifiedImageError:
        raise PictureRefused(PictureTrouble.NOT_A_PICTURE) from None
    except Image.DecompressionBombError:
        raise PictureRefused(PictureTrouble.TOO_MANY_PIXELS) from None
    except Exception as error:  # a decoder fed hostile bytes may raise anything
        raise PictureRefused(PictureTrouble.DAMAGED) from error


def flattened(picture: "Image") -> "Image":
    """In RGB; what is transparent becomes white."""
    from PIL import Image

    if picture.mode == "RGB":
        return picture
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _check_size(picture: "Image") -> None:
    width, height = picture.size  # from the header
    if width * height > MAX_PIXELS:
        raise PictureRefused(PictureTrouble.TOO_MANY_PIXELS)
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_RATIO * min(width, height):
        raise PictureRefused(PictureTrouble.TOO_SMALL)


def _eight_bits(picture: "Image") -> "Image":
    """RGBA where something may be transparent, else RGB."""
    if picture.mode.startswith(
        "I"
    ):  # 16 bits of grey: a plain conversion would cut them off at 255
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def enlarged(data: bytes, size: tuple[int, int]) -> bytes:
    """A picture of ours filling `size` (width, height), as a JPEG. Raises PictureRefused."""
    from PIL import Image, ImageOps

    picture = ImageOps.fit(flattened(opened(data)), size, Image.Resampling.LANCZOS)
    file = BytesIO()
    picture.save(file, "JPEG", quality=95, subsampling="4:4:4")
    return file.getvalue()
