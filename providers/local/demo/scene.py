"""What can be in a picture: the attributes, their values, and how scenes are drawn by lot."""

import random
from dataclasses import dataclass, fields, replace

OBJECTS = (
    "star", "heart", "cat", "fox", "fish", "house", "tree",
    "car", "boat", "flower", "mushroom", "balloon", "butterfly", "apple",
)  # fmt: skip
COLOURS = (
    "red", "orange", "yellow", "green", "cyan", "blue",
    "purple", "pink", "brown", "black", "white", "gray",
)  # fmt: skip
SIZES = ("small", "medium", "large")
COUNTS = ("one", "two", "three")
RELATIONS = ("left", "right", "above", "below")
PLACES = ("plain", "meadow", "sea", "city", "snow", "desert", "forest", "space")
TIMES = ("day", "sunset", "night")
STYLES = ("plain", "pixel", "pencil", "watercolor", "neon")

SLOTS: dict[str, tuple[str, ...]] = {
    "object": OBJECTS,
    "colour": COLOURS,
    "size": SIZES,
    "count": COUNTS,
    "object2": OBJECTS,
    "colour2": COLOURS,
    "relation": RELATIONS,
    "place": PLACES,
    "background": COLOURS,
    "time": TIMES,
    "style": STYLES,
}
"""Every attribute of a picture and the values it can take."""

HELD_OUT = frozenset(
    {
        ("star", "cyan"), ("heart", "green"), ("cat", "purple"), ("fox", "blue"),
        ("fish", "brown"), ("house", "pink"), ("tree", "red"), ("car", "white"),
        ("boat", "orange"), ("flower", "black"), ("mushroom", "gray"), ("balloon", "yellow"),
    }
)  # fmt: skip
"""(object, colour) pairs that training never sees: can the model combine what it knows?"""

_OPPOSITE = {"right": "left", "below": "above"}
TIMELESS = frozenset({"plain", "space"})
"""Places that look the same at every hour."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture's attributes; None where the attribute doesn't apply.

    size: only of a single object. object2, colour2, relation: only where two kinds of objects
    meet; relation says where the first stands as seen from the second. background: only of plain
    places. time: only of the others, but not of space.
    """

    object: str
    colour: str
    count: str
    place: str
    style: str
    size: str | None = None
    object2: str | None = None
    colour2: str | None = None
    relation: str | None = None
    background: str | None = None
    time: str | None = None

    def values(self) -> dict[str, str]:
        """The attributes that apply, by slot."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {slot: value for slot, value in pairs if value is not None}

    def canonical(self) -> "Scene":
        """The same picture, named from its left or its top."""
        if self.relation not in _OPPOSITE or self.object2 is None or self.colour2 is None:
            return self
        return replace(
            self,
            object=self.object2,
            colour=self.colour2,
            object2=self.object,
            colour2=self.colour,
            relation=_OPPOSITE[self.relation],
        )


def random_scene(rng: random.Random, *, held_out: bool = False) -> Scene:
    """A scene with one kind of object, or (one in five) two.

    held_out: only held-out (object, colour) pairs where true, never one where false.
    """
    style = _style(rng)
    first, colour = _thing(rng, style, held_out=held_out)
    place, background, time = _surroundings(rng, colour)
    if rng.random() < 0.2:
        second, colour2 = _thing(rng, style, other_than=(first, colour), background=background)
        relation = rng.choice(RELATIONS)
        return Scene(
            first, colour, "one", place, style,
            object2=second, colour2=colour2, relation=relation, background=background, time=time,
        )  # fmt: skip
    count = rng.choices(COUNTS, (76, 13, 11))[0]
    size = rng.choice(SIZES) if count == "one" else None
    return Scene(first, colour, count, place, style, size=size, background=background, time=time)


def _style(rng: random.Random) -> str:
    return rng.choices(STYLES, (36, 16, 16, 16, 16))[0]


def _thing(
    rng: random.Random,
    style: str,
    *,
    held_out: bool = False,
    other_than: tuple[str, str] = ("", ""),
    background: str | None = None,
) -> tuple[str, str]:
    while True:
        thing = rng.choice(OBJECTS), rng.choice(COLOURS)
        black_glow = style == "neon" and thing[1] == "black"
        same = thing[0] == other_than[0] or thing[1] in {other_than[1], background}
        if (thing in HELD_OUT) == held_out and not black_glow and not same:
            return thing


def _surroundings(rng: random.Random, colour: str) -> tuple[str, str | None, str | None]:
    place = rng.choices(PLACES, (26, 13, 12, 11, 12, 11, 9, 6))[0]
    background = rng.choice([c for c in COLOURS if c != colour]) if place == "plain" else None
    time = None if place in TIMELESS else rng.choices(TIMES, (45, 25, 30))[0]
    return place, background, time
