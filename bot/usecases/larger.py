"""Which enabled offer makes a picture larger, and how large. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from math import log

from bot.pictures.given import MAX_SIDE
from providers.catalog import Offer
from providers.sizes import Size
from providers.types import Mode

WORTH_IT = 1.4
"""So many times the pixels at least: less is hardly seen."""
SAME_SHAPE = 0.03
"""So far the shape may be off; the rest is cut from the edges."""


def larger(offers: Sequence[Offer], size: Size, model: str) -> tuple[Offer, Size] | None:
    """The one that makes it largest, of the picture's own `model` where that can; None: nobody."""
    able = [
        (offer, grown)
        for offer in offers
        if Mode.IMAGE_TO_IMAGE in offer.modes and (grown := _grown(offer.sizes.possible, size))
    ]
    return max(able, key=lambda each: (each[0].model == model, _area(each[1])), default=None)


@lru_cache(maxsize=1024)  # asked with every picture shown, and most are of a few sizes
def _grown(possible: frozenset[Size], size: Size) -> Size | None:
    fitting = [
        each
        for each in possible
        if max(each) <= MAX_SIDE
        and _area(each) >= WORTH_IT * _area(size)
        and abs(log(each[0] * size[1]) - log(each[1] * size[0])) <= SAME_SHAPE
    ]
    return max(fitting, key=lambda each: (_area(each), each), default=None)


def _area(size: Size) -> int:
    return size[0] * size[1]
