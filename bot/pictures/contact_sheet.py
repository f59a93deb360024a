"""A sheet of small numbered pictures; pure, and slow: call it in a thread.

Pillow is imported when first used: the bot's start shouldn't wait for it.
"""

# ruff: noqa: PLC0415 - see above

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from bot.pictures.encoding import UnreadablePicture, small

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

COLUMNS = 3
SIDE = 320  # pixels, of a tile
GAP = 8
BADGE = 44
INK = (255, 255, 255)
SHADE = (28, 30, 34)
EMPTY = (214, 217, 222)  # where there is no picture (any more)
QUALITY = 88


def contact_sheet(pictures: Sequence[bytes | None]) -> bytes:
    """A JPEG: the pictures in the order of reading, numbered from 1. None, and what is no whole
    picture, leave their place grey.
    """
    from PIL import Image, ImageDraw

    columns = min(COLUMNS, len(pictures))
    lines = -(-len(pictures) // columns)
    size = (columns * (SIDE + GAP) - GAP, lines * (SIDE + GAP) - GAP)
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    for index, data in enumerate(pictures):
        line, column = divmod(index, columns)
        corner = column * (SIDE + GAP), line * (SIDE + GAP)
        sheet.paste(_tile(data), corner)
        _number(draw, corner, str(index + 1))
    file = BytesIO()
    sheet.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _tile(data: bytes | None) -> "Image":
    """The middle of the picture, as a square."""
    from PIL import Image, ImageOps

    try:
        if data is not None:
            return ImageOps.fit(small(data, SIDE), (SIDE, SIDE))
    except UnreadablePicture:
        pass
    return Image.new("RGB", (SIDE, SIDE), EMPTY)


def _number(draw: "ImageDraw", corner: tuple[int, int], number: str) -> None:
    from PIL import ImageFont

    left, top = corner
    draw.rounded_rectangle((left, top, left + BADGE, top + BADGE), 8, fill=SHADE, corners=_INNER)
    middle = (left + BADGE / 2, top + BADGE / 2)
    draw.text(middle, number, fill=INK, font=ImageFont.load_default(28), anchor="mm")


_INNER = (False, False, True, False)  # only the corner that lies inside the tile
