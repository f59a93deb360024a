"""The sheet that a picture is drawn on."""

import random
from dataclasses import dataclass

import numpy as np

from providers.local.demo.drawing.geometry import Points, joined, polygon


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture's size in pixels, and the luck by which all that is left open is decided."""

    width: int
    height: int
    rng: random.Random

    @property
    def short(self) -> int:
        return min(self.width, self.height)

    def spot(self, x: float, y: float) -> tuple[float, float]:
        """A point by its shares of width and height."""
        return x * self.width, y * self.height

    def ground(self, line: float, bumps: float) -> Points:
        """All below a wavy line: `line` and `bumps` are shares of the height."""
        x = np.linspace(-0.02, 1.02, 33)
        phase, waves = (
            self.rng.uniform(0, 6.3),
            self.rng.uniform(0.7, 1.3) * self.width / self.short,
        )
        y = line + bumps * np.sin(phase + x * waves * 5)
        return joined(
            np.stack([x * self.width, y * self.height], axis=1),
            polygon((1.02 * self.width, self.height + 2), (-0.02 * self.width, self.height + 2)),
        )
