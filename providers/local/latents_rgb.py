"""Previews: what latents look like, by a linear map that is fitted once for each autoencoder.

One latent pixel has 4 to 16 numbers and stands for 8x8 pixels; their mean colour is nearly a
linear function of those numbers, so a frame costs a matrix product instead of a decoding.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

SAMPLES = 4
SIDE = 128
SEED = 7


class LatentsToRgb:
    """weights: (channels + 1, 3), the last row the constant; colours from 0 to 1."""

    def __init__(self, weights: "torch.Tensor") -> None:
        self._weights = weights

    def frames(self, latents: "torch.Tensor") -> list[Image.Image]:
        """One small picture a row of (rows, channels, height, width), a pixel for each of theirs."""
        latents = latents.float().cpu().permute(0, 2, 3, 1)
        colours = latents @ self._weights[:-1] + self._weights[-1]
        pixels = (colours.nan_to_num().clamp(0, 1) * 255).round().byte().numpy()
        return [Image.fromarray(frame) for frame in pixels]


def fitted(
    encode: Callable[["torch.Tensor"], "torch.Tensor"],
    decode: Callable[["torch.Tensor"], "torch.Tensor"],
    *,
    fingerprint: bytes,
    cache_dir: Path,
) -> LatentsToRgb:
    """The map for one autoencoder, from `cache_dir` where it was fitted before.

    encode: pictures (rows, 3, height, width) from -1 to 1, to latents; decode: the other way.
    fingerprint: of the autoencoder; another one gets a map of its own.
    """
    import torch

    file = cache_dir / f"previews-{hashlib.sha256(fingerprint).hexdigest()[:16]}.json"
    try:
        return LatentsToRgb(torch.tensor(json.loads(file.read_text("utf-8"))))
    except (OSError, ValueError):  # not there yet, or torn
        weights = fit(encode, decode)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(weights.tolist()), "utf-8")
    except OSError as error:
        logger.warning("previews are fitted at each start: %s", error)
    return LatentsToRgb(weights)


def fit(
    encode: Callable[["torch.Tensor"], "torch.Tensor"],
    decode: Callable[["torch.Tensor"], "torch.Tensor"],
) -> "torch.Tensor":
    """Least squares of decoded pictures' mean colours against their latents."""
    import torch
    from torch.nn import functional

    latents = encode(_pictures()).float().cpu()
    colours = (decode(latents).float().cpu() * 0.5 + 0.5).clamp(0, 1)
    means = functional.adaptive_avg_pool2d(colours, latents.shape[-2:])
    numbers = latents.permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
    numbers = torch.cat([numbers, torch.ones(len(numbers), 1)], dim=1)
    targets = means.permute(0, 2, 3, 1).reshape(-1, 3)
    squares = numbers.T @ numbers
    ridge = 1e-4 * squares.diagonal().mean() * torch.eye(len(squares))  # keeps it solvable
    return torch.linalg.solve(squares + ridge, numbers.T @ targets)


def _pictures() -> "torch.Tensor":
    """Soft blots of every colour, from -1 to 1: noise at three sizes, made large."""
    import torch
    from torch.nn import functional

    generator = torch.Generator().manual_seed(SEED)
    layers = [
        functional.interpolate(
            torch.rand(SAMPLES, 3, side, side, generator=generator),
            (SIDE, SIDE),
            mode="bicubic",
            align_corners=False,
        )
        for side in (2, 6, 16)
    ]
    return ((sum(layers) / len(layers) - 0.5) * 4).clamp(-1, 1)
