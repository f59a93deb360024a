"""Colours as RGB, 0..255."""

import colorsys

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[float, float, float]
Image = NDArray[np.float32]
"""(height, width, 3), 0..255."""

COLOURS: dict[str, Rgb] = {
    "red": (222, 38, 42),
    "orange": (250, 138, 24),
    "yellow": (252, 216, 40),
    "green": (52, 164, 62),
    "cyan": (52, 206, 214),
    "blue": (38, 88, 218),
    "purple": (132, 54, 188),
    "pink": (250, 130, 182),
    "brown": (128, 76, 40),
    "black": (34, 34, 40),
    "white": (248, 248, 246),
    "gray": (142, 146, 152),
}
WHITE: Rgb = (250, 250, 248)
INK: Rgb = (38, 34, 42)
LEAF: Rgb = (74, 156, 62)
WOOD: Rgb = (118, 78, 48)
CREAM: Rgb = (246, 232, 204)
GLASS: Rgb = (196, 228, 246)
LAMP: Rgb = (255, 226, 120)


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """`a` with this share (0..1) of `b`."""
    r, g, b_ = (x + (y - x) * share for x, y in zip(a, b, strict=True))
    return r, g, b_


def lighter(colour: Rgb, share: float = 0.45) -> Rgb:
    return mix(colour, (255, 255, 255), share)


def darker(colour: Rgb, share: float = 0.35) -> Rgb:
    return mix(colour, (16, 12, 24), share)


def luminance(colour: Rgb) -> float:
    """0..1."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


def glowing(colour: Rgb) -> Rgb:
    """The colour as a bright tube: full value, hue and greyness kept."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    value = max(value, 0.55) if value < 0.6 else max(value, 0.95)
    r, g, b = colorsys.hsv_to_rgb(hue, min(1.0, saturation * 1.1), value)
    return r * 255, g * 255, b * 255
