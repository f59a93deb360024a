"""The pictures people really send: damaged, huge, unusual, and masks that fit nothing.

Each function gives the bytes of one file. Those with something in them show `quarters()`, so that
a test sees at which corner a colour ended up.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from PIL import Image

SIZE = (96, 64)
"""Of every picture here that has no size of its own: width, height in pixels."""

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 0)
ROTATE_TO_LEFT = 8
"""EXIF: to be seen upright, the stored picture must be turned by 90 degrees counterclockwise."""
ORIENTATION = 0x0112


def quarters(size: tuple[int, int] = SIZE) -> Image.Image:
    """Red and green above, blue and yellow below."""
    width, height = size
    picture = Image.new("RGB", size, YELLOW)
    picture.paste(RED, (0, 0, width // 2, height // 2))
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    return picture


def good_png(size: tuple[int, int] = SIZE) -> bytes:
    return _encoded(quarters(size), "PNG")


def good_jpeg(size: tuple[int, int] = SIZE) -> bytes:
    return _encoded(quarters(size), "JPEG", quality=95)


# Not readable at all.


def empty() -> bytes:
    return b""


def text_named_png() -> bytes:
    """What stands in a `.png` that was saved from a web page's error."""
    return b"<!doctype html><title>404 Not Found</title><p>This is no picture.</p>\n" * 20


def truncated_png() -> bytes:
    whole = good_png()
    return whole[: len(whole) * 2 // 3]


def truncated_jpeg() -> bytes:
    whole = good_jpeg()
    return whole[: len(whole) * 2 // 3]


# Readable, but of a size that must be refused by its header.


def huge_png(side: int = 12_000) -> bytes:
    """A whole white PNG of side x side pixels: few kilobytes as a file, 430 MB decoded as RGB."""
    row = b"\x00" + b"\xff" * ((side + 7) // 8)
    packer = zlib.compressobj(9)
    body = b"".join([*(packer.compress(row) for _ in range(side)), packer.flush()])
    return _png(side, side, bits=1, body=body)


def bomb_png(side: int = 60_000) -> bytes:
    """A header that claims 60,000 x 60,000 pixels, and hardly anything behind it."""
    return _png(side, side, bits=8, body=zlib.compress(b"\x00" * 1000))


# Readable, and to be understood rightly.


def animated_gif() -> bytes:
    return _animated("GIF")


def animated_webp() -> bytes:
    return _animated("WEBP", lossless=True)


def animated_png() -> bytes:
    return _animated("PNG")


def cmyk_jpeg() -> bytes:
    return _encoded(quarters().convert("CMYK"), "JPEG", quality=95)


def sixteen_bit_png() -> bytes:
    """Grey, 16 bits a pixel: black at the left, white at the right."""
    width, height = SIZE
    row = struct.pack(f"<{width}H", *(x * 65535 // (width - 1) for x in range(width)))
    return _encoded(Image.frombytes("I;16", SIZE, row * height), "PNG")


def grey_png() -> bytes:
    return _encoded(quarters().convert("L"), "PNG")


def rotated_jpeg() -> bytes:
    """Upright it is `quarters()`; stored it lies on its side, and EXIF says so."""
    exif = Image.Exif()
    exif[ORIENTATION] = ROTATE_TO_LEFT
    stored = quarters().transpose(Image.Transpose.ROTATE_270)
    return _encoded(stored, "JPEG", quality=95, exif=exif)


def transparent_palette_png() -> bytes:
    """Palette colours; red, the first quarter, is the transparent one."""
    picture = quarters().quantize(colors=4)
    return _encoded(picture, "PNG", transparency=picture.getpixel((0, 0)))


def alpha_png() -> bytes:
    """The left half is wholly transparent (and red and blue beneath), the right half opaque."""
    picture = quarters().convert("RGBA")
    picture.putalpha(_right_half())
    return _encoded(picture, "PNG")


def one_pixel_png() -> bytes:
    return good_png((1, 1))


def ribbon_png() -> bytes:
    """A hundred times wider than high."""
    return good_png((2000, 20))


# Masks for a picture of SIZE: white is painted anew, black is kept.


def half_mask() -> bytes:
    """A good one: the right half is painted anew."""
    return _encoded(_right_half(), "PNG")


def mask_of_other_size() -> bytes:
    """Twice as large and square."""
    return _encoded(_right_half().resize((192, 192)), "PNG")


def black_mask() -> bytes:
    """Nothing is to be painted."""
    return _encoded(Image.new("L", SIZE, 0), "PNG")


def white_mask() -> bytes:
    """Everything is to be painted."""
    return _encoded(Image.new("L", SIZE, 255), "PNG")


def transparent_area_mask() -> bytes:
    """The picture itself with a hole: what is transparent (the left half) is to be painted."""
    return alpha_png()


UNREADABLE: dict[str, Callable[[], bytes]] = {
    maker.__name__: maker for maker in (empty, text_named_png, truncated_png, truncated_jpeg)
}
TOO_LARGE: dict[str, Callable[[], bytes]] = {
    maker.__name__: maker for maker in (huge_png, bomb_png)
}
UNUSUAL: dict[str, Callable[[], bytes]] = {
    maker.__name__: maker
    for maker in (
        animated_gif,
        animated_webp,
        animated_png,
        cmyk_jpeg,
        sixteen_bit_png,
        grey_png,
        rotated_jpeg,
        transparent_palette_png,
        alpha_png,
        one_pixel_png,
        ribbon_png,
    )
}
"""To be drawn from like any other picture: by its first frame, upright."""
MASKS: dict[str, Callable[[], bytes]] = {
    maker.__name__: maker
    for maker in (half_mask, mask_of_other_size, black_mask, white_mask, transparent_area_mask)
}


def _right_half() -> Image.Image:
    """Black at the left, white at the right."""
    picture = Image.new("L", SIZE, 0)
    picture.paste(255, (SIZE[0] // 2, 0, *SIZE))
    return picture


def _animated(file_format: str, **options: Any) -> bytes:
    """Three frames: first `quarters()`, then plain ones."""
    later = [Image.new("RGB", SIZE, colour) for colour in (BLUE, RED)]
    return _encoded(
        quarters(), file_format, save_all=True, append_images=later, duration=100, loop=0, **options
    )


def _encoded(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    file = BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def _png(width: int, height: int, *, bits: int, body: bytes) -> bytes:
    """A grey PNG of which only `body`, its compressed rows, takes any room."""
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(part for chunk in chunks for part in _chunk(*chunk))


def _chunk(name: bytes, data: bytes) -> Iterator[bytes]:
    yield struct.pack(">I", len(data))
    yield name + data
    yield struct.pack(">I", zlib.crc32(name + data))
