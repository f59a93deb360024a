"""Cuts, joins and re-encodes pictures for Telegram; pure, and slow: call it in a thread.

Telegram's limits for a photo: at most 10 MB, width + height at most 10000, ratio at most 20
(Bot API, sendPhoto). A picture beyond them is sent as a document.
Pillow is imported when first used: the bot's start shouldn't wait for it.

Every function takes encoded pictures and raises UnreadablePicture where one is cut short or
damaged: its header was checked when it was fetched, its body is decoded here first.
"""

# ruff: noqa: PLC0415 - see above

import struct
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PHOTO_BYTES = 10_000_000  # Telegram doesn't say which megabyte; the smaller one is safe
MAX_PHOTO_SIDES = 10_000
MAX_PHOTO_RATIO = 20
MAX_GRID_SIDE = 2560  # Telegram shows no photo larger

_QUALITIES = (95, 90, 80, 70, 60)
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "WEBP": {"quality": 95},
}
_WHITE = (255, 255, 255)
_GREY = (200, 200, 200)


class UnreadablePicture(Exception):
    """The bytes are no whole picture."""


def crop_to(data: bytes, size: tuple[int, int]) -> bytes:
    """The middle of a picture, (width, height) pixels large, in the picture's own format.

    A side that is shorter than asked stays as it is: nothing is ever enlarged.
    """
    picture = _decoded(data)
    width, height = min(size[0], picture.width), min(size[1], picture.height)
    if (width, height) == picture.size:
        return data
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    file_format = picture.format or "PNG"
    middle = picture.crop((left, top, left + width, top + height))
    return _encoded(middle, file_format, **_SAVE_OPTIONS.get(file_format, {}))


def as_photo(data: bytes) -> bytes | None:
    """The picture as a JPEG that Telegram takes as a photo, None where it can't be one.

    A JPEG that Telegram takes already is returned as it is.
    """
    picture = _decoded(data)
    if not _has_photo_shape(picture.size):
        return None
    if picture.format == "JPEG" and picture.mode == "RGB" and len(data) <= MAX_PHOTO_BYTES:
        return data
    photo = _as_jpeg(_flattened(picture))
    return photo if len(photo) <= MAX_PHOTO_BYTES else None


def grid(pictures: Sequence[bytes]) -> bytes:
    """2 to 4 pictures as one JPEG photo, in the order of reading, with thin white gaps.

    Four stand two by two; two or three in a row, or in a column where they are wide. Where
    their sizes differ, all take the smallest one's.
    """
    from PIL import Image, ImageOps

    images = [_flattened(_decoded(data)) for data in pictures]
    width, height = min((image.size for image in images), key=lambda size: size[0] * size[1])
    columns, rows = _arrangement(len(images), is_wide=width > height)
    gap = max(2, max(width, height) // 128)
    sheet_size = (columns * (width + gap) - gap, rows * (height + gap) - gap)
    sheet = Image.new("RGB", sheet_size, _WHITE)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        cell = image if image.size == (width, height) else ImageOps.pad(image, (width, height))
        sheet.paste(cell, (column * (width + gap), row * (height + gap)))
    sheet.thumbnail((MAX_GRID_SIDE, MAX_GRID_SIDE))
    return _as_jpeg(sheet)


def blank() -> bytes:
    """A small grey JPEG, in place of a picture that is gone."""
    from PIL import Image

    return _encoded(Image.new("RGB", (320, 180), _GREY), "JPEG")


def small(data: bytes, side: int) -> "Image":
    """Decoded and made small, its short side at least `side` pixels where it was before."""
    from PIL import Image

    picture = _flattened(_decoded(data))
    scale = side / min(picture.size)
    if scale >= 1:
        return picture
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _arrangement(count: int, *, is_wide: bool) -> tuple[int, int]:
    """How many columns and rows."""
    if count == 4:  # noqa: PLR2004 - the only count that makes a square
        return 2, 2
    return (1, count) if is_wide else (count, 1)


def _has_photo_shape(size: tuple[int, int]) -> bool:
    return sum(size) <= MAX_PHOTO_SIDES and max(size) <= MAX_PHOTO_RATIO * min(size)


def _decoded(data: bytes) -> "Image":
    from PIL import Image

    try:
        picture = Image.open(BytesIO(data))
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise UnreadablePicture(str(error)) from error
    except Image.DecompressionBombError as error:
        raise UnreadablePicture("more pixels than any picture of ours") from error
    return picture


def _flattened(picture: "Image") -> "Image":
    """The picture in RGB; what is transparent becomes white."""
    from PIL import Image

    if not picture.has_transparency_data:
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    translucent = picture.convert("RGBA")
    flat = Image.new("RGB", picture.size, _WHITE)
    flat.paste(translucent, mask=translucent.getchannel("A"))
    return flat


def _as_jpeg(picture: "Image") -> bytes:
    """The best quality within a photo's limit, the lowest where none is."""
    photo = b""
    for quality in _QUALITIES:
        photo = _encoded(picture, "JPEG", quality=quality, subsampling="4:4:4")
        if len(photo) <= MAX_PHOTO_BYTES:
            break
    return photo


def _encoded(picture: "Image", file_format: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()
