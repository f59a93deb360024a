"""The objects as lists of parts, in a box of -1..1 on both axes, y down."""

from collections.abc import Callable

import numpy as np

from providers.local.demo.drawing.geometry import (
    Points,
    bezier,
    ellipse,
    joined,
    mirrored,
    polygon,
    rectangle,
    ribbon,
    star,
)

Part = tuple[str, Points]
"""A polygon and its role: `main` is the object's colour, `light` and `dark` its shades, the
others are colours of their own (see `inks()` in `drawing.layers`)."""


def _star() -> list[Part]:
    return [("main", star(0, 0.06, 1.05, 0.46)), ("light", star(0, 0.06, 0.42, 0.2))]


def _heart() -> list[Part]:
    t = np.linspace(0, 2 * np.pi, 44, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return [
        ("main", np.stack([x / 16.5, -(y + 2.5) / 15.5], axis=1)),
        ("light", ellipse(-0.48, -0.45, 0.2, 0.13, -0.7)),
    ]


def _cat() -> list[Part]:
    """Sitting, seen from the front, its tail to the right."""
    tail = bezier((0.3, 0.85), (1.25, 0.95), (0.75, 0.1), (1.0, -0.2))
    ear = polygon((-0.5, -0.45), (-0.46, -1.0), (-0.08, -0.74))
    eye = ellipse(-0.2, -0.48, 0.08, 0.1)
    whisker = ribbon(bezier((-0.16, -0.28), (-0.62, -0.22)), 0.05)
    return [
        ("main", ribbon(tail, 0.22, 0.16)),
        ("main", ellipse(0, 0.45, 0.52, 0.56)),
        ("light", ellipse(0, 0.52, 0.26, 0.36)),
        ("main", ear), ("main", mirrored(ear)),
        ("main", ellipse(0, -0.42, 0.52, 0.42)),
        ("eye", eye), ("eye", mirrored(eye)),
        ("nose", polygon((-0.08, -0.32), (0.08, -0.32), (0, -0.23))),
        ("ink", whisker), ("ink", mirrored(whisker)),
    ]  # fmt: skip


def _fox() -> list[Part]:
    """The face: long pointed ears, white cheeks, a sharp chin with a black nose."""
    ear = polygon((-0.9, -1.0), (-0.25, -0.5), (-0.82, -0.05))
    inner = polygon((-0.8, -0.78), (-0.45, -0.46), (-0.74, -0.26))
    cheek = polygon((-1.0, 0.12), (-0.42, 0.06), (-0.08, 0.82), (0, 0.95), (-0.45, 0.62))
    eye = ellipse(-0.36, 0.0, 0.09, 0.12)
    face = polygon(
        (-0.85, -0.3), (-0.4, -0.55), (0.4, -0.55), (0.85, -0.3), (1.0, 0.12),
        (0.45, 0.62), (0, 0.98), (-0.45, 0.62), (-1.0, 0.12),
    )  # fmt: skip
    return [
        ("main", ear), ("main", mirrored(ear)), ("ink", inner), ("ink", mirrored(inner)),
        ("main", face), ("white", cheek), ("white", mirrored(cheek)),
        ("ink", eye), ("ink", mirrored(eye)), ("ink", ellipse(0, 0.84, 0.14, 0.12)),
    ]  # fmt: skip


def _fish() -> list[Part]:
    return [
        ("dark", polygon((0.45, 0), (1.0, -0.55), (0.86, 0), (1.0, 0.55))),
        ("dark", polygon((-0.25, -0.42), (0.1, -0.78), (0.4, -0.28))),
        ("main", ellipse(-0.18, 0, 0.8, 0.5)),
        ("light", ellipse(-0.1, 0.22, 0.5, 0.2)),
        ("dark", ribbon(bezier((-0.42, -0.4), (-0.22, 0), (-0.42, 0.4)), 0.07)),
        ("white", ellipse(-0.62, -0.12, 0.13, 0.13)),
        ("ink", ellipse(-0.64, -0.12, 0.06, 0.06, count=12)),
    ]


def _house() -> list[Part]:
    return [
        ("dark", rectangle(0.36, -0.92, 0.6, -0.3)),
        ("main", rectangle(-0.72, -0.2, 0.72, 0.98)),
        ("dark", polygon((-1.0, -0.15), (0, -0.98), (1.0, -0.15))),
        ("wood", rectangle(-0.2, 0.38, 0.2, 0.98)),
        ("lamp", rectangle(-0.6, 0.06, -0.3, 0.38)),
        ("lamp", rectangle(0.3, 0.06, 0.6, 0.38)),
    ]


def _tree() -> list[Part]:
    return [
        ("wood", polygon((-0.13, 0.2), (0.13, 0.2), (0.2, 1.0), (-0.2, 1.0))),
        ("main", ellipse(-0.42, -0.02, 0.48, 0.42)),
        ("main", ellipse(0.42, -0.02, 0.48, 0.42)),
        ("main", ellipse(0, -0.45, 0.58, 0.52)),
        ("main", ellipse(0, -0.06, 0.5, 0.36)),
        ("light", ellipse(-0.2, -0.62, 0.2, 0.12, -0.5)),
    ]


def _car() -> list[Part]:
    def wheel(x: float) -> list[Part]:
        return [("ink", ellipse(x, 0.5, 0.26, 0.26)), ("gray", ellipse(x, 0.5, 0.11, 0.11))]

    body = polygon(
        (-1.0, 0.42), (-1.0, 0.0), (-0.62, -0.1), (-0.36, -0.52), (0.42, -0.52),
        (0.66, -0.08), (0.98, 0.02), (1.0, 0.42),
    )  # fmt: skip
    return [
        ("main", body),
        ("glass", polygon((-0.46, -0.08), (-0.28, -0.4), (-0.04, -0.4), (-0.04, -0.08))),
        ("glass", polygon((0.08, -0.08), (0.08, -0.4), (0.34, -0.4), (0.5, -0.08))),
        ("lamp", ellipse(-0.92, 0.12, 0.08, 0.08, count=12)),
        *wheel(-0.55), *wheel(0.55),
    ]  # fmt: skip


def _boat() -> list[Part]:
    return [
        ("wood", rectangle(-0.05, -0.98, 0.05, 0.4)),
        ("white", polygon((0.12, -0.9), (0.12, 0.22), (0.85, 0.22))),
        ("light", polygon((-0.12, -0.7), (-0.12, 0.22), (-0.72, 0.22))),
        ("main", polygon((-1.0, 0.38), (1.0, 0.38), (0.68, 0.92), (-0.68, 0.92))),
        ("dark", polygon((-1.0, 0.38), (1.0, 0.38), (0.93, 0.5), (-0.93, 0.5))),
    ]


def _flower() -> list[Part]:
    leaf = ellipse(-0.3, 0.6, 0.3, 0.13, 0.5)
    angles = np.arange(6) * np.pi / 3
    petals = [
        ("main", ellipse(0.42 * np.sin(a), -0.38 - 0.42 * np.cos(a), 0.25, 0.27)) for a in angles
    ]
    return [
        ("leaf", ribbon(bezier((0, 0), (0.05, 1.0)), 0.12)),
        ("leaf", leaf), ("leaf", mirrored(leaf)), *petals, ("centre", ellipse(0, -0.38, 0.24, 0.24)),
    ]  # fmt: skip


def _mushroom() -> list[Part]:
    cap = joined(
        bezier((-1.0, 0.05), (-0.95, -1.15), (0.95, -1.15), (1.0, 0.05), count=28),
        bezier((1.0, 0.05), (0, 0.3), (-1.0, 0.05)),
    )
    stem = polygon((-0.26, 0.1), (0.26, 0.1), (0.36, 0.96), (-0.36, 0.96))
    spots = ((-0.45, -0.22, 0.17), (0.08, -0.52, 0.2), (0.55, -0.18, 0.15))
    return [
        ("cream", stem),
        ("main", cap),
        *(("white", ellipse(x, y, r, r * 0.85, count=18)) for x, y, r in spots),
    ]


def _balloon() -> list[Part]:
    """A hot-air balloon."""
    envelope = joined(
        bezier((-0.2, 0.42), (-1.15, -0.2), (-0.75, -1.0), (0, -1.0), count=20),
        bezier((0, -1.0), (0.75, -1.0), (1.15, -0.2), (0.2, 0.42), count=20),
    )
    stripe = joined(
        bezier((-0.08, 0.42), (-0.45, -0.2), (-0.3, -0.95), (0, -1.0)),
        bezier((0, -1.0), (0.3, -0.95), (0.45, -0.2), (0.08, 0.42)),
    )
    rope = ribbon(bezier((-0.18, 0.42), (-0.15, 0.72)), 0.05)
    return [
        ("ink", rope), ("ink", mirrored(rope)),
        ("main", envelope), ("light", stripe), ("wood", rectangle(-0.2, 0.7, 0.2, 1.0)),
    ]  # fmt: skip


def _butterfly() -> list[Part]:
    upper = ellipse(-0.52, -0.34, 0.52, 0.42, 0.6)
    lower = ellipse(-0.42, 0.42, 0.38, 0.34, -0.6)
    spot = ellipse(-0.58, -0.38, 0.2, 0.16, 0.6)
    feeler = ribbon(bezier((-0.03, -0.45), (-0.1, -0.8), (-0.32, -0.95)), 0.06)
    return [
        ("dark", lower), ("dark", mirrored(lower)), ("main", upper), ("main", mirrored(upper)),
        ("light", spot), ("light", mirrored(spot)),
        ("ink", feeler), ("ink", mirrored(feeler)), ("ink", ellipse(0, 0.08, 0.1, 0.58)),
    ]  # fmt: skip


def _apple() -> list[Part]:
    half = bezier(
        (0, -0.42), (0.5, -0.8), (1.15, -0.5), (0.95, 0.5), (0.5, 1.2), (0, 0.92), count=22
    )
    return [
        ("main", joined(half, mirrored(half)[::-1])),
        ("light", ellipse(-0.48, -0.12, 0.13, 0.24, 0.4)),
        ("wood", ribbon(bezier((0, -0.45), (0.02, -0.75), (0.16, -0.98)), 0.12)),
        ("leaf", ellipse(0.42, -0.8, 0.3, 0.14, -0.35)),
    ]


OBJECTS: dict[str, Callable[[], list[Part]]] = {
    "star": _star, "heart": _heart, "cat": _cat, "fox": _fox, "fish": _fish, "house": _house,
    "tree": _tree, "car": _car, "boat": _boat, "flower": _flower, "mushroom": _mushroom,
    "balloon": _balloon, "butterfly": _butterfly, "apple": _apple,
}  # fmt: skip
FLYING = frozenset({"star", "heart", "balloon", "butterfly"})
"""Objects that hang in the air; the others stand on the ground."""
