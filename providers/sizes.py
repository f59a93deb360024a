"""Which size to make for the one asked, where a service takes only some; pure arithmetic.

A size is (width, height) in pixels; a ratio is (width, height) in any unit.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import log

Size = tuple[int, int]
Ratio = tuple[int, int]

MAX_DETOUR = 4
"""How many times larger or smaller than usual a picture may get, only to avoid a crop."""

MAX_WASTE = 2
"""How many times the asked area may be made and cropped to the very pixels asked for."""

SHAPE_MATTERS = 10
"""A picture 1 % off in its shape is as bad as one 10 % off in its area."""


@dataclass(frozen=True, slots=True)
class SizePlan:
    """The size to make, and the one to cut it to where that differs."""

    make: Size
    crop: Size | None = None

    @property
    def final(self) -> Size:
        return self.crop or self.make


@lru_cache(maxsize=1024)  # people ask for the same few ratios, and an offer has hundreds of sizes
def plan_for_ratio(possible: frozenset[Size], ratio: Ratio, usual_area: int) -> SizePlan:
    """The possible size of this ratio nearest to the usual area; where there is none, a crop.

    The crop that is chosen keeps near the usual area and throws little away.
    """

    def cost(size: Size) -> tuple[bool, float]:
        made, kept = _area(size), _area(cut_to_ratio(size, ratio))
        exact = made == kept and usual_area <= made * MAX_DETOUR <= usual_area * MAX_DETOUR**2
        return not exact, abs(log(kept) - log(usual_area)) + log(made) - log(kept)

    make = min(sorted(possible), key=cost)
    crop = cut_to_ratio(make, ratio)
    return SizePlan(make, None if crop == make else crop)


@lru_cache(maxsize=1024)
def nearest_shape(possible: frozenset[Size], ratio: Ratio, usual_area: int) -> Size:
    """The possible size that has nearly this ratio and nearly the usual area, without a crop."""

    def cost(size: Size) -> float:
        shape = abs(log(size[0] * ratio[1]) - log(size[1] * ratio[0]))
        return SHAPE_MATTERS * shape + abs(log(_area(size)) - log(usual_area))

    return min(sorted(possible), key=cost)


def plan_for_size(possible: frozenset[Size], asked: Size) -> SizePlan:
    """The very size asked, else the next larger one cropped to it, else its ratio alone."""
    if asked in possible:
        return SizePlan(asked)
    larger = [
        size
        for size in sorted(possible)
        if size[0] >= asked[0] and size[1] >= asked[1] and _area(size) <= _area(asked) * MAX_WASTE
    ]
    if larger:
        return SizePlan(min(larger, key=_area), crop=asked)
    return plan_for_ratio(possible, asked, _area(asked))


def cut_to_ratio(size: Size, ratio: Ratio) -> Size:
    """The largest size of this ratio, to the nearest pixel, inside the given one."""
    width, height = size
    if width * ratio[1] > height * ratio[0]:
        return _rounded(height * ratio[0], ratio[1]), height
    return width, _rounded(width * ratio[1], ratio[0])


def _rounded(dividend: int, divisor: int) -> int:
    """The quotient to the nearest pixel, and at least one: whole numbers, since floats drift."""
    return max(1, (2 * dividend + divisor) // (2 * divisor))


def _area(size: Size) -> int:
    return size[0] * size[1]
