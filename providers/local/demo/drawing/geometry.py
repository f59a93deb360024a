"""Curves as polygons. Points are float arrays (n, 2); x to the right, y down."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]


def ellipse(
    x: float, y: float, rx: float, ry: float, turn: float = 0.0, *, count: int = 28
) -> Points:
    """turn: clockwise, in radians."""
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    across, along = rx * np.cos(angles), ry * np.sin(angles)
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([x + across * cos - along * sin, y + across * sin + along * cos], axis=1)


def polygon(*points: tuple[float, float]) -> Points:
    return np.array(points, dtype=float)


def rectangle(left: float, top: float, right: float, bottom: float) -> Points:
    return polygon((left, top), (right, top), (right, bottom), (left, bottom))


def star(x: float, y: float, outer: float, inner: float, tips: int = 5) -> Points:
    angles = -np.pi / 2 + np.arange(2 * tips) * np.pi / tips
    radii = np.where(np.arange(2 * tips) % 2 == 0, outer, inner)
    return np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], axis=1)


def ribbon(path: Points, width: float, end_width: float | None = None) -> Points:
    """A band along a path, as wide as `width` at its start and `end_width` at its end."""
    direction = np.gradient(path, axis=0)
    direction /= np.linalg.norm(direction, axis=1, keepdims=True) + 1e-9
    normal = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    half = np.linspace(width, width if end_width is None else end_width, len(path))[:, None] / 2
    return np.concatenate([path + normal * half, (path - normal * half)[::-1]])


def bezier(*knots: tuple[float, float], count: int = 16) -> Points:
    """A smooth curve from the first knot to the last, pulled by those between."""
    t = np.linspace(0, 1, count)[:, None]
    curve = [np.repeat(np.array([knot], dtype=float), count, axis=0) for knot in knots]
    while len(curve) > 1:
        curve = [a * (1 - t) + b * t for a, b in pairwise(curve)]
    return curve[0]


def joined(*paths: Points) -> Points:
    return np.concatenate(paths)


def mirrored(points: Points) -> Points:
    turned: Points = points * np.array([-1.0, 1.0])
    return turned
