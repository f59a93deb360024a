"""The places: skies by the hour, and what stands between sky and objects."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from providers.local.demo.drawing.frame import Frame
from providers.local.demo.drawing.geometry import (
    Points,
    ellipse,
    joined,
    polygon,
    rectangle,
    ribbon,
    star,
)
from providers.local.demo.drawing.layers import Layer, Sky
from providers.local.demo.drawing.palette import COLOURS, Rgb, darker, lighter, mix
from providers.local.demo.scene import Scene

SKIES: dict[str, Sky] = {
    "day": Sky((96, 172, 240), (206, 234, 252)),
    "sunset": Sky((124, 74, 158), (255, 168, 92)),
    "night": Sky((10, 14, 46), (38, 48, 100), night=True),
}
WINDOW: Rgb = (255, 236, 130)
SPACE = Sky((34, 10, 62), (14, 8, 30), night=True)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """ground: where objects stand, as a share of the height; None where everything floats.

    water: the height at which boats swim, likewise.
    """

    sky: Sky
    lights: tuple[Layer, ...] = ()
    layers: tuple[Layer, ...] = ()
    ground: float | None = None
    water: float | None = None


def surroundings(scene: Scene, frame: Frame) -> Surroundings:
    if scene.place == "plain":
        return _plain(COLOURS[scene.background or "white"])
    if scene.place == "space":
        return _space(frame)
    time = scene.time or "day"
    layers, water = _PLACES[scene.place](frame)
    lit = tuple(Layer(layer.points, _lit(layer.colour, time)) for layer in layers)
    return Surroundings(SKIES[time], _lights(frame, time), lit, ground=0.9, water=water)


def _lit(colour: Rgb, time: str) -> Rgb:
    if colour == WINDOW:
        return colour
    if time == "night":
        return mix(colour, (14, 20, 54), 0.62)
    if time == "sunset":
        return mix(colour, (196, 84, 70), 0.3)
    return colour


def _lights(frame: Frame, time: str) -> tuple[Layer, ...]:
    rng, short = frame.rng, frame.short
    x, y = frame.spot(rng.choice((rng.uniform(0.08, 0.2), rng.uniform(0.8, 0.92))), 0)
    if time == "day":
        y = 0.17 * short
        clouds = [_cloud(frame) for _ in range(2)]
        return (
            Layer(ellipse(x, y, 0.1 * short, 0.1 * short), (255, 232, 120)),
            *(Layer(puff, (246, 250, 255)) for cloud in clouds for puff in cloud),
        )
    if time == "sunset":
        y = 0.52 * frame.height
        return (
            Layer(ellipse(x, y, 0.19 * short, 0.19 * short), (255, 190, 104)),
            Layer(ellipse(x, y, 0.14 * short, 0.14 * short), (255, 226, 140)),
        )
    y = 0.18 * short
    return (*_stars(frame, 9), *_moon(x, y, 0.1 * short))


def _cloud(frame: Frame) -> list[Points]:
    x, y = frame.spot(frame.rng.uniform(0.1, 0.9), frame.rng.uniform(0.08, 0.34))
    size = frame.short * frame.rng.uniform(0.05, 0.075)
    return [
        ellipse(x - size, y, size, size * 0.6, count=16),
        ellipse(x, y - size * 0.4, size, size * 0.8, count=16),
        ellipse(x + size, y, size, size * 0.6, count=16),
    ]


def _moon(x: float, y: float, r: float) -> tuple[Layer, ...]:
    angles = np.linspace(-2.2, 2.2, 20)
    outer = np.stack([x + r * np.cos(angles), y + r * np.sin(angles)], axis=1)
    inner = np.stack(
        [x - 0.1 * r + 0.55 * r * np.cos(angles), y + 0.81 * r * np.sin(angles)], axis=1
    )
    return (Layer(joined(outer, inner[::-1]), (250, 244, 206)),)


def _stars(frame: Frame, count: int, lowest: float = 0.55) -> tuple[Layer, ...]:
    count = count * frame.width * frame.height // frame.short**2
    spots = (frame.spot(frame.rng.random(), frame.rng.uniform(0.02, lowest)) for _ in range(count))
    radius = 0.022 * frame.short
    return tuple(Layer(star(x, y, radius, 0.4 * radius, tips=4), (240, 240, 255)) for x, y in spots)


def _plain(colour: Rgb) -> Surroundings:
    return Surroundings(Sky(lighter(colour, 0.12), darker(colour, 0.08)))


def _space(frame: Frame) -> Surroundings:
    rng, short = frame.rng, frame.short
    side = rng.choice((0.14, 0.86))
    x, y = frame.spot(side, 0.15)
    r = 0.13 * short
    x2, y2 = frame.spot(1 - side, 0.88)
    ring = ellipse(x, y, 1.7 * r, 0.5 * r, -0.4)
    band = ribbon(np.concatenate([ring, ring[:1]]), 0.03 * short)
    planets = (
        Layer(ellipse(x, y, r, r), (214, 150, 96)),
        Layer(band, (236, 206, 160)),
        Layer(ellipse(x2, y2, 0.09 * short, 0.09 * short), (96, 150, 196)),
    )
    return Surroundings(SPACE, _stars(frame, 16, lowest=0.98), planets)


Place = tuple[list[Layer], float | None]


def _meadow(frame: Frame) -> Place:
    dots = []
    for _ in range(7 * frame.width // frame.short):
        x, y = frame.spot(frame.rng.random(), frame.rng.uniform(0.78, 0.97))
        colour = frame.rng.choice([(255, 255, 255), (255, 220, 90), (250, 150, 180)])
        dots.append(Layer(ellipse(x, y, 0.014 * frame.short, 0.014 * frame.short, count=8), colour))
    return [
        Layer(frame.ground(0.6, 0.05), (136, 196, 104)),
        Layer(frame.ground(0.7, 0.03), (98, 176, 76)),
        *dots,
    ], None


def _sea(frame: Frame) -> Place:
    waves = []
    for _ in range(6 * frame.width // frame.short):
        x, y = frame.spot(frame.rng.random(), frame.rng.uniform(0.64, 0.84))
        waves.append(Layer(ellipse(x, y, 0.07 * frame.short, 0.01 * frame.short), (150, 206, 240)))
    return [
        Layer(frame.ground(0.58, 0.0), (44, 120, 196)),
        *waves,
        Layer(frame.ground(0.88, 0.012), (238, 214, 150)),
    ], 0.74


def _city(frame: Frame) -> Place:
    layers, x = [], -0.05 * frame.short
    while x < frame.width:
        width = frame.rng.uniform(0.16, 0.24) * frame.short
        top = frame.height * 0.8 - frame.rng.uniform(0.22, 0.55) * frame.short
        shade = frame.rng.choice([(120, 128, 150), (146, 138, 150), (104, 116, 140)])
        layers.append(Layer(rectangle(x, top, x + width, 0.82 * frame.height), shade))
        layers += _windows(frame, x, top, width)
        x += width + 0.015 * frame.short
    road = rectangle(-2, 0.8 * frame.height, frame.width + 2, frame.height + 2)
    return [*layers, Layer(road, (92, 94, 102))], None


def _windows(frame: Frame, left: float, top: float, width: float) -> list[Layer]:
    size, step = 0.03 * frame.short, 0.075 * frame.short
    return [
        Layer(rectangle(x, y, x + size, y + size * 1.3), WINDOW)
        for x in np.arange(left + 0.4 * step, left + width - size, step)
        for y in np.arange(top + 0.5 * step, 0.76 * frame.height, step)
        if frame.rng.random() < 0.75
    ]


def _snow(frame: Frame) -> Place:
    firs = []
    for x in (0.1, 0.26, 0.78, 0.93):
        at = frame.spot(x + frame.rng.uniform(-0.05, 0.05), 0.68)
        firs += _fir(at, 0.16 * frame.short * frame.rng.uniform(0.8, 1.2), (120, 160, 160))
    flakes = []
    for _ in range(12 * frame.width * frame.height // frame.short**2):
        x, y = frame.spot(frame.rng.random(), frame.rng.random())
        radius = 0.014 * frame.short
        flakes.append(Layer(ellipse(x, y, radius, radius, count=8), (252, 253, 255)))
    return [
        *firs,
        Layer(frame.ground(0.65, 0.04), (218, 230, 244)),
        Layer(frame.ground(0.76, 0.03), (242, 247, 253)),
        *flakes,
    ], None


def _fir(foot: tuple[float, float], size: float, colour: Rgb) -> list[Layer]:
    x, y = foot
    return [
        Layer(
            polygon(
                (x - w * size, y - h * size),
                (x, y - (h + 0.9) * size),
                (x + w * size, y - h * size),
            ),
            colour,
        )
        for w, h in ((0.6, 0.0), (0.45, 0.5), (0.3, 1.0))
    ]


def _desert(frame: Frame) -> Place:
    x, y = frame.spot(frame.rng.choice((0.1, 0.9)), 0.78)
    s = 0.12 * frame.short
    green = (70, 140, 80)
    cactus = [
        Layer(rectangle(x - 0.2 * s, y - 2.2 * s, x + 0.2 * s, y + 0.2 * s), green),
        Layer(rectangle(x - 0.85 * s, y - 1.1 * s, x, y - 0.75 * s), green),
        Layer(rectangle(x - 0.85 * s, y - 1.7 * s, x - 0.55 * s, y - 0.75 * s), green),
        Layer(rectangle(x, y - 0.8 * s, x + 0.8 * s, y - 0.5 * s), green),
        Layer(rectangle(x + 0.5 * s, y - 1.5 * s, x + 0.8 * s, y - 0.5 * s), green),
    ]
    return [
        Layer(frame.ground(0.6, 0.06), (226, 172, 100)),
        *cactus,
        Layer(frame.ground(0.74, 0.04), (244, 202, 128)),
    ], None


def _forest(frame: Frame) -> Place:
    firs: list[Layer] = []
    for row, colour in ((0.72, (40, 112, 92)), (0.8, (30, 88, 66))):
        x = frame.rng.uniform(-0.1, 0.1) * frame.short
        while x < frame.width + 0.1 * frame.short:
            size = frame.rng.uniform(0.2, 0.32) * frame.short
            firs += _fir((x, row * frame.height), size, colour)
            x += frame.rng.uniform(0.2, 0.3) * frame.short
    return [*firs, Layer(frame.ground(0.78, 0.015), (86, 112, 60))], None


_PLACES: dict[str, Callable[[Frame], Place]] = {
    "meadow": _meadow,
    "sea": _sea,
    "city": _city,
    "snow": _snow,
    "desert": _desert,
    "forest": _forest,
}
