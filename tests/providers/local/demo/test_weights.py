import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from providers.local.demo import assemble
from providers.local.demo.evaluate import generate, load_pipeline
from providers.local.demo.judge import judged, load
from tests.fakes.extra import Extra

torch = Extra("torch")

pytestmark = pytest.mark.local

JUDGE = Path(__file__).with_name("judge.safetensors")
MEBIBYTE = 1024 * 1024
SAMPLE: tuple[tuple[str, dict[str, str]], ...] = (
    ("a red car on green hills by day", {"object": "car", "colour": "red", "place": "meadow"}),
    ("жёлтая звезда ночью", {"object": "star", "colour": "yellow", "time": "night"}),
    ("two red hearts", {"object": "heart", "colour": "red", "count": "two"}),
    ("a big orange cat in the snow", {"object": "cat", "colour": "orange", "place": "snow"}),
    ("синий дом в пустыне на закате", {"object": "house", "colour": "blue", "place": "desert"}),
    ("a green tree, pixel art, 16-bit, limited palette", {"object": "tree", "style": "pixel"}),
    ("purple butterfly, pencil sketch", {"object": "butterfly", "style": "pencil"}),
    ("a pink flower, watercolor", {"object": "flower", "style": "watercolor"}),
    ("cyan apple, neon", {"object": "apple", "colour": "cyan", "style": "neon"}),
    ("a big red mushroom on white", {"object": "mushroom", "colour": "red", "place": "plain"}),
    ("большой воздушный шар над морем", {"object": "balloon", "place": "sea"}),
    ("a white boat at sea at sunset", {"object": "boat", "place": "sea", "time": "sunset"}),
)


@pytest.fixture(scope="module")
def pipe() -> Any:

    return load_pipeline(assemble.WEIGHTS)


def test_the_weights_are_those_that_were_measured() -> None:
    assert assemble.CHECKSUMS.read_text() == assemble.checksums(assemble.WEIGHTS)


def test_the_weights_are_small_and_everybody_can_read_them() -> None:
    files = [path for path in assemble.WEIGHTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 15 * MEBIBYTE * 0.95
    assert all(path.stat().st_mode & 0o444 == 0o444 for path in files)


def test_no_picture_is_the_zero_embedding(pipe: Any) -> None:
    """What guidance and the prior's empty prompt both mean by "nothing in particular"."""
    nothing = pipe.prior_pipe.get_zero_embed()
    assert float(nothing.detach().norm()) < 0.15 * math.sqrt(nothing.numel())


def test_it_draws_what_the_prompts_say(pipe: Any) -> None:
    pictures = generate(pipe, [prompt for prompt, _ in SAMPLE], steps=10, seed=7)
    assert pictures.shape == (len(SAMPLE), 128, 128, 3)
    said = judged(load(JUDGE), pictures)
    right = [
        s[slot] == v
        for s, (_, asked) in zip(said, SAMPLE, strict=True)
        for slot, v in asked.items()
    ]
    assert sum(right) / len(right) > 0.75


@pytest.mark.parametrize(("width", "height"), [(192, 128), (128, 192), (256, 128), (128, 256)])
def test_it_draws_in_other_shapes(pipe: Any, width: int, height: int) -> None:

    (picture,) = generate(pipe, ["a red car"], width=width, height=height, steps=4)
    assert picture.shape == (height, width, 3)
    assert np.std(picture) > 10


def test_seeds_vary_the_picture(pipe: Any) -> None:

    one, same, other = (generate(pipe, ["a cat"], steps=4, seed=seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert np.abs(one.astype(int) - other).mean() > 5


@pytest.mark.parametrize("prompt", ["", "\x00", "日本語 🦊", "x" * 3000, "a " * 500])
def test_no_prompt_is_too_strange(pipe: Any, prompt: str) -> None:

    (picture,) = generate(pipe, [prompt], steps=2)
    assert picture.shape == (128, 128, 3)
