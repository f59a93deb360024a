"""What a style gets to render: a sky and polygons over it, from back to front."""

from dataclasses import dataclass

from providers.local.demo.drawing.geometry import Points
from providers.local.demo.drawing.objects import OBJECTS
from providers.local.demo.drawing.palette import (
    COLOURS,
    CREAM,
    GLASS,
    INK,
    LAMP,
    LEAF,
    WHITE,
    WOOD,
    Rgb,
    darker,
    lighter,
    luminance,
)


@dataclass(frozen=True, slots=True)
class Layer:
    """A polygon in pixels of the picture, and its colour."""

    points: Points
    colour: Rgb


@dataclass(frozen=True, slots=True)
class Thing:
    """An object: its layers from back to front, and the colour it is called by."""

    layers: tuple[Layer, ...]
    colour: Rgb

    @property
    def outline(self) -> Rgb:
        """Dark around all but the darkest things."""
        return darker(self.colour, 0.62) if luminance(self.colour) > 0.2 else (128, 128, 140)


@dataclass(frozen=True, slots=True)
class Sky:
    """A vertical gradient; `night` asks for the dark version of a style."""

    top: Rgb
    bottom: Rgb
    night: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """width, height: in pixels. lights: sun, moon and stars, which shine in every style."""

    width: int
    height: int
    sky: Sky
    lights: tuple[Layer, ...]
    surroundings: tuple[Layer, ...]
    things: tuple[Thing, ...]


def thing(name: str, colour_name: str, centre: tuple[float, float], radius: float) -> Thing:
    """The object, to fit a square of `2 * radius` pixels around `centre`."""
    colour = COLOURS[colour_name]
    ink = inks(colour)
    x, y = centre
    layers = tuple(Layer(points * radius + (x, y), ink[role]) for role, points in OBJECTS[name]())
    return Thing(layers, colour)


def inks(main: Rgb) -> dict[str, Rgb]:
    """The colour of each role of a part, for an object of this colour."""
    bright, dim = luminance(main) > 0.85, luminance(main) < 0.2
    yellow = main[0] > 200 and main[1] > 120 and main[2] < 80
    return {
        "main": main,
        "light": darker(main, 0.14) if bright else lighter(main, 0.3 if dim else 0.45),
        "dark": lighter(main, 0.25) if dim else darker(main, 0.3),
        "white": darker(WHITE, 0.08) if bright else WHITE,
        "ink": (92, 92, 104) if dim else INK,
        "eye": (240, 226, 120) if dim else INK,
        "nose": (226, 130, 140) if luminance(main) < 0.55 else (120, 50, 60),
        "gray": (190, 192, 198),
        "leaf": LEAF,
        "wood": WOOD,
        "cream": CREAM,
        "glass": GLASS,
        "lamp": LAMP,
        "centre": (150, 84, 30) if yellow else (255, 208, 60),
    }
