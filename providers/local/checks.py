"""What else may look at pictures around the pipeline. Importable without torch."""

from collections.abc import Sequence
from typing import Protocol

from PIL import Image

from providers.types import Verdict


class Checker(Protocol):
    """Says of finished pictures whether they may be shown."""

    def check(self, images: Sequence[Image.Image]) -> list[Verdict]:
        """One verdict a picture, in their order."""
        ...


class DepthEstimator(Protocol):
    """Tells near from far in a picture."""

    def estimate(self, image: Image.Image) -> Image.Image:
        """A depth map of the same size, mode L: the brighter, the nearer."""
        ...
