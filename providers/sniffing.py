"""What a file really is: the bytes decide, no header's word does."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 4096 * 4096
"""The largest picture we decode; four bytes a pixel make that 64 MB of memory."""

_MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


class NotAPicture(Exception):
    """Empty, of another kind, or with too many pixels to decode."""


class DamagedPicture(NotAPicture):
    """Bytes that no decoder takes: truncated, it may be, on their way."""


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """Width and height in pixels."""

    media_type: str
    width: int
    height: int


def read_image(data: bytes, *, max_pixels: int = MAX_PIXELS) -> ImageInfo:
    """Read a whole PNG, JPEG or WebP and say what it is. Blocks. Raises NotAPicture."""
    # Pillow takes 45 ms to import; a bot that waits for its first picture has them.
    from PIL import Image  # noqa: PLC0415

    def opened() -> Image.Image:
        return Image.open(io.BytesIO(data), formats=list(_MEDIA_TYPES))

    if not data:
        raise NotAPicture("0 bytes")
    try:
        with opened() as picture:
            info = _info(picture, max_pixels)
            picture.verify()  # a PNG's checksums and its end: nothing can be missing then
        if info.media_type != "image/png":
            with opened() as picture:
                picture.load()  # reads to the last pixel, and so finds what is truncated
    except NotAPicture:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit, before it tells us the size
        raise NotAPicture("far too many pixels") from error
    except Exception as error:  # a decoder fed hostile bytes may raise anything
        raise DamagedPicture(f"{len(data)} bytes: {type(error).__name__}") from error
    return info


def _info(picture: "Image.Image", max_pixels: int) -> ImageInfo:
    width, height = picture.size  # from the header: nothing is decoded as yet
    if width * height > max_pixels:
        raise NotAPicture(f"{width}x{height} pixels")
    return ImageInfo(_MEDIA_TYPES[picture.format or ""], width, height)
