# ruff: noqa: RUF001 -- Russian letters are meant
"""What the demo model can draw, for those who word prompts and answers. Imports no torch.

A prompt from outside this world gets a picture all the same: the model draws the words that it
knows, and chooses the rest.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from providers.local.demo.words import (
    ENDINGS,
    ENGLISH_COLOURS,
    ENGLISH_COUNTS,
    ENGLISH_OBJECTS,
    ENGLISH_PLACES,
    ENGLISH_RELATIONS,
    ENGLISH_SIZES,
    ENGLISH_STYLES,
    ENGLISH_TIMES,
    ENGLISH_TOGETHER,
    FUNCTION_WORDS,
    RUSSIAN_COLOURS,
    RUSSIAN_COUNTS,
    RUSSIAN_OBJECTS,
    RUSSIAN_PLACES,
    RUSSIAN_RELATIONS,
    RUSSIAN_SIZES,
    RUSSIAN_STYLES,
    RUSSIAN_TIMES,
    RUSSIAN_TOGETHER,
    adjective,
)

Language = Literal["en", "ru"]

STYLES: dict[str, str] = {
    "default": "plain",
    "pixel-art": "pixel",
    "pencil-sketch": "pencil",
    "watercolor": "watercolor",
    "neon": "neon",
    "kandinsky": "plain",
    "uhd": "plain",
    "anime": "plain",
    "photo": "plain",
}
"""The demo's style for each of the bot's."""
APPROXIMATED = frozenset({"kandinsky", "uhd", "anime", "photo"})
"""The bot's styles that the demo doesn't have: the nearest is drawn instead."""
_STYLE_WORDS = {
    "plain": "",
    "pixel": "pixel art",
    "pencil": "pencil sketch",
    "watercolor": "watercolor",
    "neon": "neon",
}

SHAPES: tuple[tuple[int, int], ...] = ((128, 128), (192, 128), (128, 192), (256, 128), (128, 256))
"""(width, height) in pixels that the model was trained at; others are cut out of these."""


def styled(prompt: str, style: str) -> str:
    """The prompt with the words that make the demo draw in this style of the bot's."""
    words = _STYLE_WORDS[STYLES.get(style, "plain")]
    return ", ".join(part for part in (prompt, words) if part)


def unknown_words(prompt: str) -> tuple[str, ...]:
    """The words of the prompt that mean nothing to the model, in order, as they were typed."""
    words = re.findall(r"\w+", prompt)
    return tuple(dict.fromkeys(word for word in words if _key(word) not in _KNOWN))


def knows(prompt: str) -> bool:
    """Is all of the prompt from the model's world?"""
    return not unknown_words(prompt)


def listing(language: Language) -> dict[str, tuple[str, ...]]:
    """The usual words for what it knows: objects, colours, places, times and styles."""
    return _LISTINGS[language]


def _key(word: str) -> str:
    return word.casefold().replace("ё", "е")


def _split(phrases: Iterable[str]) -> Iterator[str]:
    for phrase in phrases:
        yield from (_key(word) for word in re.findall(r"\w+", phrase))


def _english() -> Iterator[str]:
    for nouns in ENGLISH_OBJECTS.values():
        for pair in nouns:
            yield from pair
    tables = (
        ENGLISH_COLOURS, ENGLISH_SIZES, ENGLISH_COUNTS, ENGLISH_RELATIONS,
        ENGLISH_PLACES, ENGLISH_TIMES, ENGLISH_STYLES,
    )  # fmt: skip
    for table in tables:
        for phrases in table.values():
            yield from phrases
    yield from ENGLISH_TOGETHER


def _russian() -> Iterator[str]:
    yield from _russian_forms()
    for counts in RUSSIAN_COUNTS.values():
        yield from counts.values()
    for links in (*RUSSIAN_RELATIONS.values(), RUSSIAN_TOGETHER):
        yield from (words for words, _ in links)
    for table in (RUSSIAN_PLACES, RUSSIAN_TIMES, RUSSIAN_STYLES):
        for phrases in table.values():
            yield from phrases


def _russian_forms() -> Iterator[str]:
    for nouns in RUSSIAN_OBJECTS.values():
        for noun in nouns:
            yield from (
                noun.nominative, noun.genitive, noun.instrumental, noun.accusative, noun.plural
            )  # fmt: skip
    for adjectives in (*RUSSIAN_COLOURS.values(), *RUSSIAN_SIZES.values()):
        for stem, kind in adjectives:
            yield from (stem + ending for ending in ENDINGS[kind])


_KNOWN = frozenset((*_split(_english()), *_split(_russian()), *map(_key, FUNCTION_WORDS)))

_LISTINGS: dict[Language, dict[str, tuple[str, ...]]] = {
    "en": {
        "objects": tuple(nouns[0][0] for nouns in ENGLISH_OBJECTS.values()),
        "colours": tuple(words[0] for words in ENGLISH_COLOURS.values()),
        "places": tuple(words[0] for words in ENGLISH_PLACES.values()),
        "times": tuple(words[0] for words in ENGLISH_TIMES.values()),
        "styles": ("pixel art", "pencil sketch", "watercolor", "neon"),
    },
    "ru": {
        "objects": tuple(nouns[0].nominative for nouns in RUSSIAN_OBJECTS.values()),
        "colours": tuple(adjective(*words[0], "m") for words in RUSSIAN_COLOURS.values()),
        "places": tuple(words[0] for words in RUSSIAN_PLACES.values()),
        "times": tuple(words[0] for words in RUSSIAN_TIMES.values()),
        "styles": ("пиксель-арт", "карандаш", "акварель", "неон"),
    },
}
