"""Where to repaint: a mask read from what people send; pure, and slow: call it in a thread.

Three kinds are understood, told apart by the picture itself:

* with transparency: what is transparent is repainted;
* black and white: what is white is repainted;
* a copy of the picture with a part painted over, as phone editors make it: what is clearly
  different from the picture is repainted. Saving and sending change every pixel a little and
  borders more, so small differences and thin lines don't count; the rest is closed and grown a
  little, so that no rim of paint shows in the result.
"""

# ruff: noqa: PLC0415 - Pillow is imported when first used, as in `bot/pictures/encoding.py`

from typing import TYPE_CHECKING

from bot.pictures.given import flattened
from bot.usecases.errors import PictureRefused, PictureTrouble

if TYPE_CHECKING:
    from PIL.Image import Image

REPAINT, KEEP = 255, 0
MIDDLE = 127  # of grey and of opacity
LOOKED_AT = 384
"""The longer side, in pixels, at which a painted copy is compared: noise is averaged away."""
CLEARLY = 40
"""From this difference on, of 255 in any colour, a pixel counts as painted."""
CLOSED, GROWN = 7, 5  # pixels at LOOKED_AT: filters' sizes
NEAR_BLACK, NEAR_WHITE = 48, 207
BLACK_AND_WHITE = 0.9  # of a mask's pixels at least; soft outlines and thin strokes are the rest
MORE_THAN_BEFORE = (
    0.15  # so many more of them than in the picture, where it could be a painted copy
)
SAME_PICTURE = 0.5  # of the pixels, at least, must be as in the picture for it to be a painted copy
LEAST_PAINTED = 0.0005  # of the pixels
SHAPE_TOLERANCE = 0.03


def read_mask(given: "Image", original: "Image") -> "Image":
    """The mask for `original`, in its size: mode L, 255 where it is to be repainted, 0 elsewhere.

    Both pictures are upright and in RGB or RGBA. Raises PictureRefused: the mask has another
    shape than the picture, is of none of the three kinds, or leaves everything as it is.
    """
    _check_shape(given, original)
    if _is_transparent(given):
        mask = given.getchannel("A").point(lambda alpha: KEEP if alpha > MIDDLE else REPAINT)
    else:
        mask = _opaque_mask(flattened(given), flattened(original))
    if _share(mask) < LEAST_PAINTED:
        raise PictureRefused(PictureTrouble.NOTHING_PAINTED, is_mask=True)
    return _sharp(mask, original.size)


def own_mask(picture: "Image") -> "Image":
    """The mask in a picture's own transparency. Raises PictureRefused where it has none."""
    if not _is_transparent(picture):
        raise PictureRefused(PictureTrouble.NO_MASK)
    return read_mask(picture, picture)


def _check_shape(given: "Image", original: "Image") -> None:
    ratio = (given.width * original.height) / (given.height * original.width)
    if not 1 - SHAPE_TOLERANCE <= ratio <= 1 + SHAPE_TOLERANCE:
        raise PictureRefused(PictureTrouble.NOT_THE_SAME, is_mask=True)


def _is_transparent(picture: "Image") -> bool:
    """Whether any of it can be seen through; an alpha channel alone says nothing."""
    if picture.mode != "RGBA":
        return False
    return any(picture.getchannel("A").histogram()[: MIDDLE + 1])


def _opaque_mask(given: "Image", original: "Image") -> "Image":
    from PIL import Image

    size = _small(original.size)
    painted, before = (each.resize(size, Image.Resampling.BOX) for each in (given, original))
    changed = _changed(painted, before)
    is_copy = _share(changed) <= 1 - SAME_PICTURE
    extremes = _black_and_white(painted)
    is_painted = is_copy and extremes - _black_and_white(before) < MORE_THAN_BEFORE
    if extremes >= BLACK_AND_WHITE and not is_painted:
        return _in_two(given.convert("L"))
    if not is_copy:
        raise PictureRefused(PictureTrouble.NOT_THE_SAME, is_mask=True)
    return _tidy(changed)


def _changed(painted: "Image", before: "Image") -> "Image":
    """What differs clearly in any colour, without lines too thin for a brush."""
    from PIL import ImageChops, ImageFilter

    red, green, blue = ImageChops.difference(painted, before).split()
    largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    clear = largest.point(lambda value: REPAINT if value >= CLEARLY else KEEP)
    return clear.filter(ImageFilter.MinFilter(3)).filter(ImageFilter.MaxFilter(3))


def _tidy(changed: "Image") -> "Image":
    """Small holes closed, and grown over the soft edge of a brush."""
    from PIL import ImageFilter

    closed = changed.filter(ImageFilter.MaxFilter(CLOSED)).filter(ImageFilter.MinFilter(CLOSED))
    return closed.filter(ImageFilter.MaxFilter(GROWN))


def _black_and_white(picture: "Image") -> float:
    """How much of it is nearly black or nearly white."""
    from PIL import ImageChops

    red, green, blue = picture.split()
    brightest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    black = brightest.point(lambda value: 255 if value <= NEAR_BLACK else 0)
    white = darkest.point(lambda value: 255 if value >= NEAR_WHITE else 0)
    return _share(black) + _share(white)


def _share(mask: "Image") -> float:
    """How much of it is white."""
    return mask.histogram()[255] / (mask.width * mask.height)


def _small(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, LOOKED_AT / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _sharp(mask: "Image", size: tuple[int, int]) -> "Image":
    """Scaled with smooth outlines and no grey."""
    from PIL import Image

    if mask.size == size:
        return mask
    return _in_two(mask.resize(size, Image.Resampling.BILINEAR))


def _in_two(grey: "Image") -> "Image":
    return grey.point(lambda value: REPAINT if value > MIDDLE else KEEP)
