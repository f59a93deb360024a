"""From a scene to its picture."""

import random

import numpy as np
from numpy.typing import NDArray

from providers.local.demo.drawing.frame import Frame
from providers.local.demo.drawing.layers import Picture, thing
from providers.local.demo.drawing.layout import Spot, layout
from providers.local.demo.drawing.styles import render
from providers.local.demo.drawing.surroundings import surroundings
from providers.local.demo.scene import Scene


def draw(scene: Scene, width: int, height: int, rng: random.Random) -> NDArray[np.uint8]:
    """The scene as (height, width, 3); the same for the same scene, size and state of `rng`."""
    return draw_with_spots(scene, width, height, rng)[0]


def draw_with_spots(
    scene: Scene, width: int, height: int, rng: random.Random
) -> tuple[NDArray[np.uint8], list[Spot]]:
    """Likewise, and where its objects are."""
    frame = Frame(width, height, rng)
    around = surroundings(scene, frame)
    spots = layout(scene, around, frame)
    picture = Picture(
        width,
        height,
        around.sky,
        around.lights,
        around.layers,
        tuple(thing(spot.name, spot.colour, spot.centre, spot.radius) for spot in spots),
    )
    return render(picture, scene.style, rng).clip(0, 255).astype(np.uint8), spots
