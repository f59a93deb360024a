# ruff: noqa: RUF001, S311 - Russian letters are meant; scenes are chosen by lot
import random

import pytest

from providers.local.demo import world
from providers.local.demo.captions import caption, full_caption
from providers.local.demo.scene import SLOTS, random_scene
from providers.styles import STYLES


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_caption_is_from_the_world(seed: int, language: str) -> None:
    rng = random.Random(f"{language}-{seed}")
    for _ in range(100):
        said = caption(random_scene(rng), rng, language)
        assert world.unknown_words(said.text) == (), said.text


@pytest.mark.parametrize("seed", range(8))
def test_a_caption_names_only_what_is_in_the_scene(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(200):
        scene = random_scene(rng)
        said = caption(scene, rng)
        assert said.values.items() <= scene.values().items()
        assert said.values["style"] == scene.style
        assert said.text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_full_caption_names_everything(language: str) -> None:
    rng = random.Random(5)
    for _ in range(100):
        scene = random_scene(rng)
        assert full_caption(scene, rng, language).values == scene.values()


def test_scenes_use_every_value_of_every_attribute() -> None:
    rng = random.Random(1)
    seen = {pair for _ in range(4000) for pair in random_scene(rng).values().items()}
    assert seen == {(slot, value) for slot, values in SLOTS.items() for value in values}


@pytest.mark.parametrize("seed", range(5))
def test_the_canonical_scene_is_the_same_picture(seed: int) -> None:
    rng = random.Random(seed)
    turned = 0
    for _ in range(300):
        scene = random_scene(rng)
        plain = scene.canonical()
        assert plain.canonical() == plain
        assert plain.relation in {None, "left", "above"}
        if plain != scene:
            turned += 1
            assert (plain.object, plain.colour) == (scene.object2, scene.colour2)
            assert (plain.object2, plain.colour2) == (scene.object, scene.colour)
    assert turned > 10


@pytest.mark.parametrize(
    "prompt",
    ["cat", "a star", "two red hearts", "кот", "a fox in the snow", "жёлтая звезда ночью",
     "Желтая ЗВЕЗДА над синим домом!", "three small boats at sea at sunset", "нарисуй рыжую лису зимой", ""],
)  # fmt: skip
def test_it_knows_its_own_world(prompt: str) -> None:
    assert world.knows(prompt)


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("a dragon in a castle", ("dragon", "castle")),
        ("Собака на Марсе, 4k", ("Собака", "Марсе", "4k")),
        ("five cats and five dogs", ("five", "dogs")),
        ("猫", ("猫",)),
    ],
)
def test_it_says_which_words_are_strange(prompt: str, unknown: tuple[str, ...]) -> None:
    assert world.unknown_words(prompt) == unknown
    assert not world.knows(prompt)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_every_style_of_the_bot_has_its_own_here(style: object) -> None:
    name, suffix = style.name, style.suffix  # type: ignore[attr-defined]
    assert world.STYLES[name] in SLOTS["style"]
    assert world.knows(suffix)
    assert world.knows(world.styled("a cat", name))


def test_styles_are_said_in_the_prompt() -> None:
    assert world.styled("кот", "neon") == "кот, neon"
    assert world.styled("", "pixel-art") == "pixel art"
    assert world.styled("a cat", "default") == "a cat"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_listing_is_of_known_words(language: world.Language) -> None:
    listing = world.listing(language)
    assert len(listing["objects"]) == len(SLOTS["object"])
    assert all(world.knows(phrase) for phrases in listing.values() for phrase in phrases)
