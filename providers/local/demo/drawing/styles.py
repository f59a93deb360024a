"""The styles: five ways to render a picture's layers. Each returns (height, width, 3), 0..255."""

import random
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

from providers.local.demo.drawing.layers import Layer, Picture, Thing
from providers.local.demo.drawing.palette import (
    Image,
    Rgb,
    darker,
    glowing,
    lighter,
    luminance,
    mix,
)

FINE = 2
"""Pictures are drawn this many times larger, and made small at the end for smooth edges."""
PIXELS = 32
"""Pixel art has this many pixels along the short side."""
PAPER: Rgb = (250, 248, 240)


def render(picture: Picture, style: str, rng: random.Random) -> Image:
    return _STYLES[style](picture, rng)


def _plain(picture: Picture, _: random.Random) -> Image:
    canvas = _gradient(picture, picture.sky.top, picture.sky.bottom)
    draw = ImageDraw.Draw(canvas)
    _fill(draw, (*picture.lights, *picture.surroundings))
    for thing in picture.things:
        _outline(draw, thing, thing.outline, 3)
        _fill(draw, thing.layers)
    return _small(canvas, picture)


def _pixel(picture: Picture, rng: random.Random) -> Image:
    """Few large pixels in few colours."""
    short = min(picture.width, picture.height)
    grid = (picture.width * PIXELS // short, picture.height * PIXELS // short)
    fine = Pillow.fromarray(_plain(picture, rng).astype(np.uint8))
    few: Image = np.asarray(fine.resize(grid, Pillow.Resampling.BOX), np.float32)
    few = (few / 24).round().astype(np.float32) * 24
    size = (picture.width, picture.height)
    coarse = Pillow.fromarray(few.clip(0, 255).astype(np.uint8))
    return np.asarray(coarse.resize(size, Pillow.Resampling.NEAREST), np.float32)


def _pencil(picture: Picture, rng: random.Random) -> Image:
    """Coloured pencil: pale hatched surroundings in grey, the object in its colour."""
    base = (200, 200, 208) if picture.sky.night else PAPER
    canvas = _gradient(picture, _pale(picture.sky.top, base), _pale(picture.sky.bottom, base))
    draw = ImageDraw.Draw(canvas)
    for layer in (*picture.lights, *picture.surroundings):
        draw.polygon(
            _xy(layer), fill=_rgb(_pale(layer.colour, base)), outline=(112, 112, 118), width=1
        )
    hatched = np.asarray(canvas, np.float32) + _hatching(picture, rng, 7)[:, :, None]
    canvas = Pillow.fromarray(hatched.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(canvas)
    strokes = _hatching(picture, rng, 0.24)[:, :, None]
    for thing in picture.things:
        _outline(draw, thing, thing.outline, 2)
        for layer in thing.layers:
            draw.polygon(_xy(layer), fill=_rgb(layer.colour), outline=_rgb(thing.outline), width=2)
    touched = _mask(picture)[:, :, None] * (0.2 + strokes).clip(0, 0.5)
    drawn = np.asarray(canvas, np.float32)
    return _small(Pillow.fromarray((drawn + (255 - drawn) * touched).astype(np.uint8)), picture)


def _watercolor(picture: Picture, rng: random.Random) -> Image:
    """Uneven washes without outlines, their edges run and darkened, on paper left white around."""
    canvas = _gradient(picture, lighter(picture.sky.top, 0.3), lighter(picture.sky.bottom, 0.3))
    draw = ImageDraw.Draw(canvas)
    for layer in (*picture.lights, *picture.surroundings):
        draw.polygon(_xy(layer), fill=_rgb(lighter(layer.colour, 0.3)))
    wash = np.asarray(canvas.filter(ImageFilter.GaussianBlur(3)))
    canvas = Pillow.fromarray(wash)
    draw = ImageDraw.Draw(canvas)
    for thing in picture.things:
        _outline(draw, thing, darker(lighter(thing.colour, 0.1), 0.25), 2)
        for layer in thing.layers:
            draw.polygon(_xy(layer), fill=_rgb(lighter(layer.colour, 0.12)))
    shape = (picture.height * FINE, picture.width * FINE)
    shift_x, shift_y = (_blotches(shape, rng, 24) * 4.5 for _ in range(2))
    rows, columns = np.indices(shape, dtype=np.float32)
    rows = (rows + shift_y).clip(0, shape[0] - 1).astype(np.intp)
    columns = (columns + shift_x).clip(0, shape[1] - 1).astype(np.intp)
    run = np.asarray(canvas, np.float32)[rows, columns]
    run += (_blotches(shape, rng, 34) * 17)[:, :, None]
    bare = _border(shape, rng)[:, :, None]
    return _small(_image(run * (1 - bare) + np.array(PAPER, np.float32) * bare), picture)


def _neon(picture: Picture, _: random.Random) -> Image:
    """Bright tubes and their glow on dark surroundings."""
    depth = 0.84 if picture.surroundings else 0.77
    top, bottom = (mix(c, (6, 4, 16), depth) for c in (picture.sky.top, picture.sky.bottom))
    canvas = _gradient(picture, top, bottom)
    draw = ImageDraw.Draw(canvas)
    for layer in picture.lights:
        draw.line(_closed(layer), fill=_rgb(glowing(layer.colour)), width=4)
    for layer in picture.lights:
        draw.polygon(_xy(layer), fill=_rgb(mix(layer.colour, (8, 6, 18), 0.55)))
    for layer in picture.surroundings:
        draw.polygon(_xy(layer), fill=_rgb(mix(layer.colour, (8, 6, 18), 0.86)))
        draw.line(_closed(layer), fill=_rgb(mix(glowing(layer.colour), (8, 6, 18), 0.45)), width=2)
    for thing in picture.things:
        tube = glowing(thing.colour)
        _outline(draw, thing, tube, 5)
        for layer in thing.layers:
            line = tube if luminance(layer.colour) > 0.16 else mix(tube, (8, 6, 18), 0.5)
            draw.polygon(_xy(layer), fill=_rgb(mix(tube, (8, 6, 18), 0.72)))
            draw.line(_closed(layer), fill=_rgb(line), width=3)
    lines = np.asarray(canvas, np.float32)
    glow = np.asarray(canvas.filter(ImageFilter.GaussianBlur(7)), np.float32)
    return _small(_image(lines + 0.75 * glow), picture)


_STYLES: dict[str, Callable[[Picture, random.Random], Image]] = {
    "plain": _plain,
    "pixel": _pixel,
    "pencil": _pencil,
    "watercolor": _watercolor,
    "neon": _neon,
}


def _gradient(picture: Picture, top: Rgb, bottom: Rgb) -> Pillow.Image:
    share = np.linspace(0, 1, picture.height * FINE, dtype=np.float32)[:, None, None]
    column = np.array(top, np.float32) * (1 - share) + np.array(bottom, np.float32) * share
    return _image(np.repeat(column, picture.width * FINE, axis=1))


def _fill(draw: ImageDraw.ImageDraw, layers: Iterable[Layer]) -> None:
    for layer in layers:
        draw.polygon(_xy(layer), fill=_rgb(layer.colour))


def _outline(draw: ImageDraw.ImageDraw, thing: Thing, colour: Rgb, width: int) -> None:
    """Around the whole; to be called before the fill, which covers the inner half."""
    for layer in thing.layers:
        draw.line(_closed(layer), fill=_rgb(colour), width=2 * width, joint="curve")


def _mask(picture: Picture) -> NDArray[np.float32]:
    canvas = Pillow.new("L", (picture.width * FINE, picture.height * FINE))
    draw = ImageDraw.Draw(canvas)
    for thing in picture.things:
        for layer in thing.layers:
            draw.polygon(_xy(layer), fill=255)
    return (np.asarray(canvas, np.float32) / 255).astype(np.float32)


def _hatching(picture: Picture, rng: random.Random, strength: float) -> NDArray[np.float32]:
    """Diagonal strokes: -strength..strength."""
    y, x = np.indices((picture.height * FINE, picture.width * FINE), dtype=np.float32)
    phase = rng.uniform(0, 6)
    waves: NDArray[np.float32] = (
        np.sin((x + y) * 0.5 + phase + 0.9 * np.sin(x * 0.05)).astype(np.float32) * strength
    )
    return waves


def _blotches(shape: tuple[int, int], rng: random.Random, size: int) -> NDArray[np.float32]:
    """Soft random spots of about `size` pixels, -1..1."""
    noise = np.random.default_rng(rng.getrandbits(32))
    few = noise.random((shape[0] // size + 2, shape[1] // size + 2), dtype=np.float32) * 2 - 1
    big = Pillow.fromarray(few).resize((shape[1], shape[0]), Pillow.Resampling.BICUBIC)
    return np.asarray(big, np.float32)


def _border(shape: tuple[int, int], rng: random.Random) -> NDArray[np.float32]:
    """How bare the paper is: 1 at the rim, 0 inside, with an uneven edge between."""
    rows, columns = np.indices(shape, dtype=np.float32)
    rim = np.minimum(
        np.minimum(rows, shape[0] - 1 - rows), np.minimum(columns, shape[1] - 1 - columns)
    )
    return (1 - (rim - 7 - 4 * _blotches(shape, rng, 30)) / 4).clip(0, 1)


def _pale(colour: Rgb, paper: Rgb) -> Rgb:
    grey = luminance(colour) * 255
    return mix(mix((grey, grey, grey), colour, 0.55), paper, 0.55)


def _xy(layer: Layer) -> list[tuple[float, float]]:
    return [(x * FINE, y * FINE) for x, y in layer.points.tolist()]


def _closed(layer: Layer) -> list[tuple[float, float]]:
    points = _xy(layer)
    return [*points, points[0], points[1]]


def _rgb(colour: Rgb) -> tuple[int, int, int]:
    r, g, b = (round(min(255.0, max(0.0, channel))) for channel in colour)
    return r, g, b


def _image(pixels: Image) -> Pillow.Image:
    return Pillow.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _small(canvas: Pillow.Image, picture: Picture) -> Image:
    size = (picture.width, picture.height)
    return np.asarray(canvas.resize(size, Pillow.Resampling.BOX), np.float32)
