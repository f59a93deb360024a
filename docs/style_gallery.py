"""Draws the sheet of styles that the guided keyboard shows: `python -m docs.style_gallery` writes
bot/gallery/styles.jpg.

One scene in each of the bot's styles, in the order of its buttons. The styles that the demo model
has are drawn by what taught it them; the others here. So it shows what a style's name means, and no
model's own hand: no one model is behind all that a bot may offer.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from bot.panels.guided import STYLES_SHEET
from providers.local.demo.drawing.frame import Frame
from providers.local.demo.drawing.layers import Layer, Picture, thing
from providers.local.demo.drawing.layout import layout
from providers.local.demo.drawing.palette import Rgb, darker, lighter, mix
from providers.local.demo.drawing.styles import render
from providers.local.demo.drawing.surroundings import surroundings
from providers.local.demo.scene import Scene
from providers.styles import STYLES

SIZE = (320, 232)  # pixels, of a tile
LABEL = 40  # pixels, below it
GAP = 10
COLUMNS = 3
FINE = 3  # drawn so many times larger, and made small at the end
SEED = 7
SCENE = Scene("fox", "orange", "one", "forest", "plain", size="large", time="day")
BOLD: tuple[Rgb, ...] = (
    (226, 56, 44), (250, 196, 42), (36, 84, 178), (40, 148, 122),
    (238, 122, 46), (92, 58, 140), (244, 236, 214),
)  # fmt: skip
INK = (30, 28, 34)
DARK = 240  # all channels together


def scene(times: float = 1) -> Picture:
    width, height = (round(side * times) for side in SIZE)
    frame = Frame(width, height, random.Random(SEED))
    around = surroundings(SCENE, frame)
    spots = layout(SCENE, around, frame)
    things = tuple(thing(each.name, each.colour, each.centre, each.radius) for each in spots)
    return Picture(width, height, around.sky, around.lights, around.layers, things)


def by_demo(style: str) -> Image.Image:
    # At half the size, as large as its lines are thick.
    drawn = render(scene(0.5), style, random.Random(SEED)).clip(0, 255).astype(np.uint8)
    way = Image.Resampling.NEAREST if style == "pixel" else Image.Resampling.LANCZOS
    return Image.fromarray(drawn).resize(SIZE, way)


def default() -> Image.Image:
    drawn = render(scene(), "plain", random.Random(SEED)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(drawn)


def kandinsky() -> Image.Image:
    """Flat bold shapes, and circles, wedges and lines across them."""
    picture, rng = scene(FINE), random.Random(5)
    canvas = Image.new("RGB", (picture.width, picture.height), _rgb(BOLD[-1]))
    draw = ImageDraw.Draw(canvas, "RGBA")
    for layer in picture.surroundings:
        draw.polygon(_xy(layer), fill=(*_rgb(rng.choice(BOLD)), 150))
    for _ in range(7):
        _wedge(draw, rng)
    for layer in (each for one in picture.things for each in one.layers):
        draw.polygon(_xy(layer), fill=_rgb(_boldest(layer.colour)), outline=INK, width=5)
    for _ in range(9):
        _rings(draw, rng)
    for _ in range(8):
        ends = [_anywhere(rng) for _ in range(2)]
        draw.line(ends, fill=INK, width=rng.choice((4, 7, 12)))
    return _small(canvas)


def anime() -> Image.Image:
    """Ink lines, bright flat colours in two tones, and a shine."""
    picture = scene(FINE)
    canvas = _sky(picture, (86, 170, 255), (226, 246, 255))
    draw = ImageDraw.Draw(canvas)
    for layer in (*picture.lights, *picture.surroundings):
        draw.polygon(_xy(layer), fill=_rgb(_vivid(layer.colour)), outline=(70, 110, 150), width=4)
    for one in picture.things:
        for layer in one.layers:
            draw.line([*_xy(layer), _xy(layer)[0]], fill=INK, width=22, joint="curve")
        for layer in one.layers:
            _cel(canvas, layer)
            draw.line([*_xy(layer), _xy(layer)[0]], fill=INK, width=7, joint="curve")
    return _small(canvas)


def photo() -> Image.Image:
    """Soft light, a background out of focus, grain."""
    picture, noise = scene(FINE), np.random.default_rng(SEED)
    back = _shaded(replace(picture, things=())).filter(ImageFilter.GaussianBlur(16))
    front = _shaded(picture)
    mask = Image.new("L", back.size)
    draw = ImageDraw.Draw(mask)
    for layer in (each for one in picture.things for each in one.layers):
        draw.polygon(_xy(layer), fill=255)
    back.paste(front, mask=mask.filter(ImageFilter.GaussianBlur(3)))
    muted = ImageEnhance.Color(_small(back)).enhance(0.72)
    pixels = np.asarray(muted, np.float32) * (1.06, 1.0, 0.9) * _vignette()
    grain = noise.normal(0, 7, (SIZE[1], SIZE[0], 1))
    return _image(pixels + grain)


def uhd() -> Image.Image:
    """Fine relief on every surface, and hard, clear edges."""
    picture = scene(FINE)
    fine = _shaded(picture, texture=14).filter(ImageFilter.UnsharpMask(4, 180, 0))
    return ImageEnhance.Contrast(ImageEnhance.Color(_small(fine)).enhance(1.25)).enhance(1.15)


TILES: dict[str, Callable[[], Image.Image]] = {
    "default": default,
    "kandinsky": kandinsky,
    "uhd": uhd,
    "anime": anime,
    "photo": photo,
    "pixel-art": lambda: by_demo("pixel"),
    "pencil-sketch": lambda: by_demo("pencil"),
    "watercolor": lambda: by_demo("watercolor"),
    "neon": lambda: by_demo("neon"),
}


def sheet() -> Image.Image:
    lines = -(-len(STYLES) // COLUMNS)
    width, height = SIZE
    size = (COLUMNS * (width + GAP) - GAP, lines * (height + LABEL + GAP) - GAP)
    whole = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(whole), ImageFont.load_default(26)
    for index, style in enumerate(STYLES):
        line, column = divmod(index, COLUMNS)
        left, top = column * (width + GAP), line * (height + LABEL + GAP)
        whole.paste(TILES[style.name](), (left, top))
        middle = (left + width / 2, top + height + LABEL / 2)
        draw.text(middle, style.name, fill=INK, font=font, anchor="mm")
    return whole


def _shaded(picture: Picture, texture: float = 0) -> Image.Image:
    """Every layer lit from above, softly rounded at its rim; `texture`: how rough it is."""
    noise = np.random.default_rng(SEED)
    canvas = _sky(picture, picture.sky.top, picture.sky.bottom)
    pixels = np.asarray(canvas, np.float32).copy()
    layers = (
        *picture.lights,
        *picture.surroundings,
        *(e for t in picture.things for e in t.layers),
    )
    for layer in layers:
        mask = Image.new("L", canvas.size)
        ImageDraw.Draw(mask).polygon(_xy(layer), fill=255)
        inside = np.asarray(mask, np.float32) / 255
        depth = np.asarray(mask.filter(ImageFilter.GaussianBlur(14)), np.float32) / 255
        light = 1.16 - 0.4 * (1 - depth) ** 0.8 * 2 * (inside > 0) - 0.22 * _down(canvas.size)
        rough = noise.normal(0, texture, inside.shape) if texture else 0.0
        lit = np.array(layer.colour, np.float32) * light[:, :, None] + np.atleast_3d(rough)
        pixels = pixels * (1 - inside[:, :, None]) + lit * inside[:, :, None]
    return _image(pixels)


def _cel(canvas: Image.Image, layer: Layer) -> None:
    """The layer in its colour, and darker below a hard line."""
    mask, lower = Image.new("L", canvas.size), Image.new("L", canvas.size)
    ImageDraw.Draw(mask).polygon(_xy(layer), fill=255)
    shift = 0.10 * float(np.ptp(layer.points[:, 1]))
    moved = [(x - shift, y - shift) for x, y in _xy(layer)]
    ImageDraw.Draw(lower).polygon(moved, fill=255)
    canvas.paste(_rgb(darker(_vivid(layer.colour), 0.24)), mask=mask)
    lit = Image.fromarray(np.minimum(np.asarray(mask), np.asarray(lower)))
    canvas.paste(_rgb(_vivid(layer.colour)), mask=lit)


def _wedge(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    (x, y), reach = _anywhere(rng), rng.uniform(0.2, 0.4) * SIZE[1] * FINE
    points = [(x + rng.uniform(-reach, reach), y + rng.uniform(-reach, reach)) for _ in range(3)]
    draw.polygon(points, fill=(*_rgb(rng.choice(BOLD)), 130))


def _rings(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    (x, y), radius = _anywhere(rng), rng.uniform(0.03, 0.1) * SIZE[1] * FINE
    for share in (1, 0.66, 0.33):
        box = (x - radius * share, y - radius * share, x + radius * share, y + radius * share)
        draw.ellipse(box, fill=(*_rgb(rng.choice(BOLD)), 225), outline=INK, width=4)


def _boldest(colour: Rgb) -> Rgb:
    """The nearest bold colour; black stays."""
    if sum(colour) < DARK:
        return INK
    return min(BOLD, key=lambda bold: sum((a - b) ** 2 for a, b in zip(bold, colour, strict=True)))


def _vivid(colour: Rgb) -> Rgb:
    grey = sum(colour) / 3
    return lighter(mix((grey, grey, grey), colour, 1.25), 0.08)


def _sky(picture: Picture, top: Rgb, bottom: Rgb) -> Image.Image:
    share = np.linspace(0, 1, picture.height, dtype=np.float32)[:, None, None]
    column = np.array(top, np.float32) * (1 - share) + np.array(bottom, np.float32) * share
    return _image(np.repeat(column, picture.width, axis=1))


def _down(size: tuple[int, int]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """0 at the top to 1 at the bottom."""
    return np.repeat(np.linspace(0, 1, size[1], dtype=np.float32)[:, None], size[0], axis=1)


def _vignette() -> np.ndarray[tuple[int, int, int], np.dtype[np.float32]]:
    """Darker towards the corners."""
    across, down = (np.linspace(-1, 1, side, dtype=np.float32) for side in SIZE)
    return (1.04 - 0.26 * (down[:, None] ** 2 + across[None, :] ** 2))[:, :, None]


def _anywhere(rng: random.Random) -> tuple[float, float]:
    width, height = (rng.uniform(0.04, 0.96) * side * FINE for side in SIZE)
    return width, height


def _xy(layer: Layer) -> list[tuple[float, float]]:
    return [(x, y) for x, y in layer.points.tolist()]


def _rgb(colour: Rgb) -> tuple[int, int, int]:
    r, g, b = (round(min(255.0, max(0.0, channel))) for channel in colour)
    return r, g, b


def _image(pixels: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Image.Image:
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _small(canvas: Image.Image) -> Image.Image:
    return canvas.resize(SIZE, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    assert isinstance(STYLES_SHEET.content, Path)  # noqa: S101 - it is shipped
    sheet().save(STYLES_SHEET.content, quality=88, optimize=True)
