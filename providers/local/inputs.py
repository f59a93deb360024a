"""Pictures that people send: from bytes of any quality to what a pipeline takes. CPU work: off the loop."""

import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from providers.errors import InvalidRequest

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")

MAX_PIXELS = 50_000_000
"""The most that is decoded, judged by the header: 200 MB in memory. A JPEG is read at a fraction."""

MAX_SIDE = 2048
"""Longer pictures are made smaller right away: no pipeline here draws larger ones."""

WHITE = 128
"""From this brightness on a mask's pixel counts as white."""


def read_picture(data: bytes, *, field: str) -> Image.Image:
    """An upright RGB picture of at most MAX_SIDE, transparent parts over white; the first frame.

    Raises InvalidRequest, with `field` as the one to blame.
    """
    return _flattened(_opened(data, field), background="white").convert("RGB")


def read_mask(data: bytes) -> Image.Image:
    """A mask in black and white (mode L, 0 and 255): white is repainted, transparent is black.

    Raises InvalidRequest.
    """
    grey = _flattened(_opened(data, "mask_image"), background="black").convert("L")
    return grey.point(lambda value: 255 if value >= WHITE else 0)


def refuse_black(mask: Image.Image) -> None:
    """Raise InvalidRequest for a mask in which nothing is white."""
    if mask.getbbox() is None:
        raise InvalidRequest(
            "local", "the mask is black all over: nothing to repaint", fields=("mask_image",)
        )


def _opened(data: bytes, field: str) -> Image.Image:
    """Decoded, upright and of at most MAX_SIDE."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # _refuse_bombs judges
            with Image.open(BytesIO(data), formats=FORMATS) as picture:
                picture.draft(None, (MAX_SIDE, MAX_SIDE))
                _refuse_bombs(picture, field)
                picture.load()
                upright = ImageOps.exif_transpose(picture)
    except InvalidRequest:
        raise
    except UnidentifiedImageError:
        detail = f"{len(data)} bytes that are no picture"
    except Image.DecompressionBombError:
        detail = "far too many pixels"
    except Exception as error:  # noqa: BLE001 - a decoder fed hostile bytes may raise anything
        detail = f"{len(data)} bytes, damaged: {type(error).__name__}"
    else:
        return upright if max(upright.size) <= MAX_SIDE else _smaller(upright)
    raise InvalidRequest("local", f"{field}: {detail}", fields=(field,))


def _refuse_bombs(picture: Image.Image, field: str) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        detail = f"{field}: {picture.width}x{picture.height} pixels"
        raise InvalidRequest("local", detail, fields=(field,))


def _smaller(picture: Image.Image) -> Image.Image:
    small = _eight_bits(picture)
    small.thumbnail((MAX_SIDE, MAX_SIDE))
    return small


def _eight_bits(picture: Image.Image) -> Image.Image:
    """A mode that can be resized smoothly: palettes can't, and 16 bits would be cut off at 255."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in {"P", "PA", "LA", "La", "RGBa"}:
        return picture.convert("RGBA")
    return picture.convert("RGB") if picture.mode not in {"L", "RGB", "RGBA"} else picture


def _flattened(picture: Image.Image, *, background: str) -> Image.Image:
    if picture.has_transparency_data:
        colours = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", colours.size, background), colours)
    return _eight_bits(picture)
