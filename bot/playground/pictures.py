"""Makes photos of pictures as Telegram does: checked, turned upright, and kept as JPEGs only.

Sizes as in https://core.telegram.org/api/files#image-thumbnail-types, with the long sides that
bots see.
"""

import asyncio
import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from bot.playground.errors import ApiError, bad_request

MAX_BYTES = 10 * 1024 * 1024  # of a photo a bot uploads
MAX_SIDES = 10_000
MAX_RATIO = 20
LONG_SIDES = (90, 320, 800, 1280)  # pixels
QUALITY = 87
THUMBNAIL = 320
FORMATS = ("JPEG", "PNG", "GIF", "TIFF", "BMP")  # a WebP sent as a photo becomes a sticker or fails
APP_FORMATS = (*FORMATS, "WEBP")  # people's apps turn it into a photo before they send it


@dataclass(frozen=True, slots=True)
class Jpeg:
    """One size of a photo: its sides in pixels and its bytes."""

    width: int
    height: int
    content: bytes


async def photograph(content: bytes) -> list[Jpeg]:
    """The sizes of the photo that a bot's upload becomes, smallest first; never enlarged.

    Raises:
        ApiError: 400, where Telegram would refuse it as a photo.
    """
    if not content:
        raise bad_request("file must be non-empty")
    if len(content) > MAX_BYTES:
        raise bad_request(
            f"file of size {len(content)} bytes is too big for a photo; "
            f"the maximum size is {MAX_BYTES} bytes"
        )
    return await asyncio.to_thread(_sizes, content, FORMATS)


async def snapshot(content: bytes) -> list[Jpeg]:
    """As `photograph`, of what a person sends: their app shrinks it first, so no byte is too many.

    Raises:
        ApiError: 400, where it is no picture.
    """
    return await asyncio.to_thread(_sizes, content, APP_FORMATS)


async def thumbnail(content: bytes) -> Jpeg | None:
    """The small JPEG shown beside a file, or None where the file is nothing to make a photo of."""
    try:
        return await asyncio.to_thread(_thumbnail, content)
    except ApiError:
        return None


def _sizes(content: bytes, formats: tuple[str, ...]) -> list[Jpeg]:
    upright = _upright(content, formats)
    longest = max(upright.size)
    smaller = [side for side in LONG_SIDES if side < longest]
    whole = [longest] if longest <= LONG_SIDES[-1] else []
    return [_jpeg(upright, side) for side in [*smaller, *whole]]


def _thumbnail(content: bytes) -> Jpeg:
    upright = _upright(content, APP_FORMATS)
    return _jpeg(upright, min(THUMBNAIL, max(upright.size)))


def _upright(content: bytes, formats: tuple[str, ...]) -> Image.Image:
    """Decoded, turned as its camera was held, and on white where it is transparent."""
    try:
        return _decoded(content, formats)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error


def _decoded(content: bytes, formats: tuple[str, ...]) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # told by its header
        with Image.open(io.BytesIO(content), formats=formats) as picture:
            _check_sides(*picture.size)
            turned = ImageOps.exif_transpose(picture)
        if not turned.has_transparency_data:
            return turned.convert("RGB")
        white = Image.new("RGBA", turned.size, "white")
        return Image.alpha_composite(white, turned.convert("RGBA")).convert("RGB")


def _check_sides(width: int, height: int) -> None:
    if width + height > MAX_SIDES or max(width, height) > MAX_RATIO * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def _jpeg(picture: Image.Image, long_side: int) -> Jpeg:
    fits = max(picture.size) <= long_side
    shown = picture if fits else ImageOps.contain(picture, (long_side, long_side))
    encoded = io.BytesIO()
    shown.save(encoded, "JPEG", quality=QUALITY)
    return Jpeg(*shown.size, encoded.getvalue())
