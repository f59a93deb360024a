"""Previews by a linear map: right where the autoencoder is linear, kept, and never in the way."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from providers.local.latents_rgb import LatentsToRgb, fit, fitted
from tests.fakes.extra import Extra

torch = Extra("torch")
pytestmark = pytest.mark.local

MIX = [[0.9, 0.1, 0.2], [-0.3, 0.8, 0.1], [0.1, 0.2, -0.7], [0.5, -0.5, 0.5]]


def encode(pixels: Any) -> Any:
    """Eight times smaller, and the three colours as four numbers."""
    small = torch.nn.functional.avg_pool2d(pixels, 8)
    return torch.einsum("rchw,lc->rlhw", small, torch.tensor(MIX))


def decode(latents: Any) -> Any:
    pixels = torch.einsum("rlhw,cl->rchw", latents, torch.linalg.pinv(torch.tensor(MIX)))
    return pixels.repeat_interleave(8, -1).repeat_interleave(8, -2)


def test_a_linear_autoencoder_is_found_out() -> None:
    pixels = torch.rand(2, 3, 64, 128, generator=torch.Generator().manual_seed(1)) - 0.5
    latents = encode(pixels)
    frames = LatentsToRgb(fit(encode, decode)).frames(latents)
    expected = decode(latents)[:, :, ::8, ::8].permute(0, 2, 3, 1) * 0.5 + 0.5
    assert [frame.size for frame in frames] == [(16, 8)] * 2
    assert np.abs(np.stack(frames) / 255 - expected.numpy()).max() < 0.03


def test_it_is_fitted_once_for_each_autoencoder(tmp_path: Path) -> None:
    fits: list[int] = []

    def counting(pixels: Any) -> Any:
        fits.append(1)
        return encode(pixels)

    def weights(name: bytes) -> Any:
        return fitted(counting, decode, fingerprint=name, cache_dir=tmp_path / "new")._weights

    first, again = weights(b"one"), weights(b"one")
    assert len(fits) == 1
    assert torch.allclose(first, again)
    weights(b"other")
    assert len(fits) == 2


def test_a_torn_or_forbidden_file_is_no_trouble(tmp_path: Path) -> None:
    fitted(encode, decode, fingerprint=b"x", cache_dir=tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_text("[[0.1, ")
    assert fitted(encode, decode, fingerprint=b"x", cache_dir=tmp_path)
    assert fitted(encode, decode, fingerprint=b"x", cache_dir=file / "below a file")


@pytest.mark.parametrize("worth", [float("nan"), float("inf"), -1e9])
def test_any_latents_give_a_frame(worth: float) -> None:
    latents = torch.full((1, 4, 2, 2), worth)
    assert LatentsToRgb(torch.ones(5, 3)).frames(latents)[0].size == (2, 2)
