"""Where the objects of a scene go."""

from dataclasses import dataclass

from providers.local.demo.drawing.frame import Frame
from providers.local.demo.drawing.objects import FLYING
from providers.local.demo.drawing.surroundings import Surroundings
from providers.local.demo.scene import Scene

SIZES = {"small": 0.34, "medium": 0.47, "large": 0.64}
"""A single object's size as a share of the short side."""
PAIR, TRIO, TOGETHER = 0.43, 0.36, 0.42
"""The same for each of two, of three, and of two different objects."""


Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    name: str
    colour: str
    centre: Point
    radius: float


def layout(scene: Scene, around: Surroundings, frame: Frame) -> list[Spot]:
    """From back to front; centres and radii in pixels."""
    if scene.object2 and scene.colour2:
        radius = 0.5 * frame.short * TOGETHER * frame.rng.uniform(0.94, 1.06)
        first, second = _related(scene, around, frame, radius)
        return [
            Spot(scene.object2, scene.colour2, second, radius),
            Spot(scene.object, scene.colour, first, radius),
        ]
    size = {"one": SIZES[scene.size or "medium"], "two": PAIR, "three": TRIO}[scene.count]
    radius = 0.5 * frame.short * size * frame.rng.uniform(0.94, 1.06)
    centres = _spread(scene, around, frame, radius)
    return [Spot(scene.object, scene.colour, centre, radius) for centre in centres]


def _related(
    scene: Scene, around: Surroundings, frame: Frame, radius: float
) -> tuple[Point, Point]:
    if scene.relation in {"above", "below"}:
        x = 0.5 * frame.width
        upper = (x, max(0.27 * frame.height, radius + 2))
        lower = (x, min(0.73 * frame.height, frame.height - radius - 3))
        return (upper, lower) if scene.relation == "above" else (lower, upper)
    left, right = 0.27 * frame.width, 0.73 * frame.width
    x, x2 = (left, right) if scene.relation == "left" else (right, left)
    return (
        (x, _level(scene.object, around, frame, radius)),
        (x2, _level(scene.object2 or "", around, frame, radius)),
    )


def _spread(scene: Scene, around: Surroundings, frame: Frame, radius: float) -> list[Point]:
    width, height, rng = frame.width, frame.height, frame.rng
    level = _level(scene.object, around, frame, radius)
    nudge = rng.uniform(-0.04, 0.04) * height if around.ground is None else 0.0
    if scene.count == "one":
        room = max(0.0, 0.5 * width - radius - 4) * 0.55
        return [(0.5 * width + rng.uniform(-room, room), level + nudge)]
    if scene.count == "two":
        tilt = rng.uniform(-0.06, 0.06) * height if level < height - radius - 20 else 0.0
        return [(0.27 * width, level + tilt), (0.73 * width, level - tilt)]
    if width > height:
        return [(share * width, level) for share in (0.19, 0.5, 0.81)]
    rise = 2 * radius
    low = min(level + 0.5 * rise, height - radius - 4)
    return [(0.5 * width, low - rise), (0.26 * width, low), (0.74 * width, low)]


def _level(name: str, around: Surroundings, frame: Frame, radius: float) -> float:
    """The height of the object's centre."""
    if around.ground is None:
        return 0.5 * frame.height
    if around.water is not None and name in {"boat", "fish"}:
        return around.water * frame.height - (0.6 * radius if name == "boat" else 0)
    if name in FLYING or name == "fish":
        return max(0.42 * frame.height, radius + 3)
    return around.ground * frame.height - radius
