"""What the latents are: the main components of 8x8 patches of the drawings.

A latent space that is known before any network is trained: the UNet learns to paint in it while
the MoVQ learns to translate between it and pictures.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from providers.local.demo.dataset import SHAPES, load

SIDE = 8
CHANNELS = 10
FLATTENING = 0.35
"""How much of the differences between the components' spreads is kept: 0 none, 1 all."""
SPREAD = 1.3
"""Of the first component; the last one's is 0.55."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Basis:
    """mean: (192,). directions: (192, CHANNELS), scaled so that latents get their spreads."""

    mean: Array
    directions: Array

    def encode(self, pictures: NDArray[np.uint8]) -> Array:
        """(count, height, width, 3) as (count, CHANNELS, height / 8, width / 8)."""
        latents = (_patches(pictures) - self.mean) @ self.directions
        return np.ascontiguousarray(latents.transpose(0, 3, 1, 2))

    def save(self, path: Path) -> None:
        np.savez(path, mean=self.mean, directions=self.directions)


def load_basis(path: Path) -> Basis:
    with np.load(path) as stored:
        return Basis(stored["mean"], stored["directions"])


def find_basis(drawings: Path, sample: int = 1500) -> Basis:
    """From a sample of the square drawings."""
    known = _patches(np.asarray(load(drawings, SIDE * 16, SIDE * 16).pictures[:sample]))
    rows = known.reshape(-1, known.shape[-1])
    mean = rows.mean(axis=0)
    centred = rows - mean
    variances, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    first = np.argsort(variances)[::-1][:CHANNELS]
    spreads = np.sqrt(variances[first])
    wanted = SPREAD * (spreads / spreads[0]) ** FLATTENING
    directions = vectors[:, first] * (wanted / spreads)
    return Basis(mean.astype(np.float32), directions.astype(np.float32))


def encode_drawings(basis: Basis, drawings: Path, folder: Path) -> None:
    """Write the latents of all drawings to `folder`, float16, one array for each size."""
    for width, height in SHAPES:
        pictures = load(drawings, width, height).pictures
        parts = [
            basis.encode(np.asarray(pictures[start : start + 500])).astype(np.float16)
            for start in range(0, len(pictures), 500)
        ]
        np.save(folder / f"latents-{width}x{height}.npy", np.concatenate(parts))


def _patches(pictures: NDArray[np.uint8]) -> Array:
    """(count, rows, columns, 192) of -1..1."""
    count, height, width, _ = pictures.shape
    split = pictures.reshape(count, height // SIDE, SIDE, width // SIDE, SIDE, 3)
    flat = split.transpose(0, 1, 3, 2, 4, 5).reshape(count, height // SIDE, width // SIDE, -1)
    scaled: Array = flat.astype(np.float32) / 127.5 - 1
    return scaled
