"""The README's table of features is the catalog's, of every offer there is."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from providers.catalog import Offer, Range, Sizes
from providers.feature_table import BEGIN, END, feature_table, known_offers, with_table
from providers.offers import all_offers
from providers.registry import KNOWN_PROVIDERS
from providers.types import Mode

README = Path(__file__).parents[2] / "README.md"
PLAIN = Offer(
    provider="replicate",
    model="m",
    remote_name="m",
    modes=frozenset({Mode.TEXT_TO_IMAGE}),
    sizes=Sizes(sides=(512, 768), default=(512, 512)),
)
OTHERWISE = {
    "provider": "local",
    "model": "other",
    "modes": frozenset({Mode.TEXT_TO_IMAGE, Mode.INPAINTING}),
    "sizes": Sizes(sides=(512, 768), default=(768, 768)),
    "max_images": 4,
    "steps": Range(1, 100, 50),
    "prior_steps": Range(1, 100, 50),
    "guidance": Range(1, 100, 50),
    "prior_guidance": Range(1, 100, 50),
    "strength": Range(0, 1, 0.3),
    "seed": True,
    "negative_prompt": True,
    "schedulers": ("DDIM",),
    "native_styles": frozenset({"ANIME"}),
}
UNTOLD = {"remote_name", "max_seed", "max_prompt_chars", "cost"}


def test_the_readme_has_the_table_of_today() -> None:
    text = README.read_text("utf-8")
    fresh = with_table(text, feature_table(known_offers()))
    assert text == fresh, "run: python -m providers.feature_table"


def test_every_provider_and_every_offer_is_in_it() -> None:
    offers = known_offers()
    assert {offer.provider for offer in offers} == set(KNOWN_PROVIDERS)
    assert set(all_offers()) <= set(offers)
    lines = feature_table(offers).splitlines()
    assert len(lines) == len(offers) + 2
    assert {line.count("|") for line in lines} == {15}


@pytest.mark.parametrize("field", OTHERWISE)
def test_each_feature_shows(field: str) -> None:
    changed = replace(PLAIN, **{field: OTHERWISE[field]})
    assert feature_table([changed]) != feature_table([PLAIN])


def test_no_feature_is_forgotten() -> None:
    assert set(OTHERWISE) | UNTOLD == {field.name for field in fields(Offer)}


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        (Sizes(sides=(768, 1024), default=(768, 768)), "sides 768 or 1024 (768x768)"),
        (Sizes(sides=tuple(range(256, 1025, 64)), default=(512, 512)), "256-1024 a side"),
        (Sizes(sides=(), default=(8, 8), pairs=((8, 8), (8, 16))), "2 shapes (8x8)"),
    ],
)
def test_sizes_in_words(sizes: Sizes, words: str) -> None:
    assert words in feature_table([replace(PLAIN, sizes=sizes)])


def test_only_what_is_between_the_markers_is_written() -> None:
    text = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert with_table(text, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert with_table(with_table(text, "new"), "new") == with_table(text, "new")
    with pytest.raises(ValueError, match="features"):
        with_table("nothing here", "new")
