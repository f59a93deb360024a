# ruff: noqa: RUF001 -- Russian letters are meant
"""Captions for scenes: complete and incomplete ones, short and wordy, in two languages."""

import random
from dataclasses import dataclass

from providers.local.demo.scene import Scene
from providers.local.demo.words import (
    ENGLISH_COLOURS,
    ENGLISH_COUNTS,
    ENGLISH_OBJECTS,
    ENGLISH_PLACES,
    ENGLISH_RELATIONS,
    ENGLISH_SIZES,
    ENGLISH_STYLES,
    ENGLISH_TIMES,
    ENGLISH_TOGETHER,
    RUSSIAN_COLOURS,
    RUSSIAN_COUNTS,
    RUSSIAN_OBJECTS,
    RUSSIAN_PLACES,
    RUSSIAN_RELATIONS,
    RUSSIAN_SIZES,
    RUSSIAN_STYLES,
    RUSSIAN_TIMES,
    RUSSIAN_TOGETHER,
    Noun,
    adjective,
)


@dataclass(frozen=True, slots=True)
class Caption:
    """A text, and the attributes of the scene that it names."""

    text: str
    values: dict[str, str]


KEEP = {"colour": 0.85, "colour2": 0.85, "size": 0.5, "place": 0.75, "time": 0.75}
"""How often a caption names an attribute; objects, counts and styles always are: a singular means
one, and no word for a style means the plain one."""


def caption(scene: Scene, rng: random.Random, language: str | None = None) -> Caption:
    """language: `en`, `ru`, or either by lot."""
    language = language or rng.choice(("en", "en", "ru"))
    named = _named(scene, rng)
    words = _english(named, rng) if language == "en" else _russian(named, rng)
    return Caption(_spelled(words, rng), named)


def full_caption(scene: Scene, rng: random.Random, language: str = "en") -> Caption:
    """One that names all attributes that apply."""
    named = scene.values()
    words = _english(named, rng) if language == "en" else _russian(named, rng)
    return Caption(words, named)


def _named(scene: Scene, rng: random.Random) -> dict[str, str]:
    values = scene.values()
    share = rng.choice((1.0, 1.0, 0.6, 0.2))  # complete, and more and more laconic captions
    kept = {
        slot: value
        for slot, value in values.items()
        if slot not in KEEP
        or rng.random() < KEEP[slot] * share
        or (share == 1 and rng.random() < 0.6)
    }
    if "object2" in kept and rng.random() < 0.25:
        kept.pop("relation", None)
    if kept.get("place") == "plain" and rng.random() < 0.8 * (1 - share):
        kept.pop("background", None)
    if "place" not in kept:
        kept.pop("background", None)
    if (
        rng.random() < 0.05 and {"place", "time"} & kept.keys()
    ):  # a mood without an object: "night in the desert"
        kept = {
            slot: kept[slot] for slot in ("place", "time", "style", "background") if slot in kept
        }
    return kept


def _spelled(words: str, rng: random.Random) -> str:
    """The way people type: capitals, full stops, no ё."""
    if rng.random() < 0.5:
        words = words.replace("ё", "е")
    if rng.random() < 0.15:
        words += rng.choice((".", "!", " "))
    if rng.random() < 0.1:
        words = words.replace(",", "")
    return words


def _joined(main: str, tail: list[str], style: str, before: bool, rng: random.Random) -> str:
    rng.shuffle(tail)
    text = " ".join(part for part in (main, *tail) if part)
    if not style:
        return text
    if before:
        return f"{style}{rng.choice((' of ', ': ', ', ', ' '))}{text}" if text else style
    return f"{text}{rng.choice((', ', ', ', ' '))}{style}" if text else style


def _english(named: dict[str, str], rng: random.Random) -> str:
    main = _english_things(named, rng)
    tail = []
    if named.get("background"):
        colour = rng.choice(ENGLISH_COLOURS[named["background"]])
        place = rng.choice(
            ("on a {} background", "on {} background", "on {}", "against a {} background")
        )
        tail.append(place.format(colour))
    elif named.get("place") == "plain":
        tail.append(rng.choice(("on a plain background", "on a simple background")))
    elif "place" in named:
        tail.append(rng.choice(ENGLISH_PLACES[named["place"]]))
    if "time" in named:
        tail.append(rng.choice(ENGLISH_TIMES[named["time"]]))
    style, before = "", False
    if _says_style(named, rng):
        style = rng.choice(ENGLISH_STYLES[named["style"]])
        before = "," not in style and rng.random() < 0.4
        if not before and rng.random() < 0.3:
            style = rng.choice(("in {} style", "as {}", "{} style")).format(style)
    if main and rng.random() < 0.15:
        main = (
            rng.choice(("draw ", "a picture of ", "an image of ", "please draw ", "paint ")) + main
        )
    return _joined(main, tail, style, before, rng)


def _says_style(named: dict[str, str], rng: random.Random) -> bool:
    return named["style"] != "plain" or rng.random() < 0.2


def _english_things(named: dict[str, str], rng: random.Random) -> str:
    if "object" not in named:
        return ""
    first = _english_thing(named, "object", "colour", rng)
    if "object2" not in named:
        return first
    second = _english_thing(named, "object2", "colour2", rng)
    if "relation" not in named:
        return f"{first} {rng.choice(ENGLISH_TOGETHER)} {second}"
    return f"{first} {rng.choice(ENGLISH_RELATIONS[named['relation']])} {second}"


def _english_thing(named: dict[str, str], slot: str, colour_slot: str, rng: random.Random) -> str:
    one, many = rng.choice(ENGLISH_OBJECTS[named[slot]][: rng.choice((1, None))])
    words = []
    if slot == "object" and "size" in named:
        words.append(rng.choice(ENGLISH_SIZES[named["size"]]))
    if colour_slot in named:
        words.append(rng.choice(ENGLISH_COLOURS[named[colour_slot]][: rng.choice((1, None))]))
    count = named.get("count", "one") if slot == "object" else "one"
    if count != "one":
        return " ".join((rng.choice(ENGLISH_COUNTS[count]), *words, many))
    text = " ".join((*words, one))
    if "count" in named and rng.random() < 0.2:
        return f"one {text}"
    if rng.random() < 0.55:
        return f"{'an' if text[0] in 'aeiou' else 'a'} {text}"
    return text


def _russian(named: dict[str, str], rng: random.Random) -> str:
    asked = rng.random() < 0.12
    main = _russian_things(named, "accusative" if asked else "nominative", rng)
    tail = []
    if named.get("background"):
        stem, kind = rng.choice(RUSSIAN_COLOURS[named["background"]])
        tail.append(f"на {adjective(stem, kind, 'prepositional')} фоне")
    elif named.get("place") == "plain":
        tail.append(rng.choice(("на простом фоне", "на однотонном фоне")))
    elif "place" in named:
        tail.append(rng.choice(RUSSIAN_PLACES[named["place"]]))
    if "time" in named:
        tail.append(rng.choice(RUSSIAN_TIMES[named["time"]]))
    style, before = "", False
    if _says_style(named, rng):
        words = RUSSIAN_STYLES if rng.random() < 0.6 else ENGLISH_STYLES
        style = rng.choice(words[named["style"]])
        before = "," not in style and rng.random() < 0.3
        if not before and rng.random() < 0.2:
            style = f"в стиле {style}"
    if main and asked:
        main = f"{rng.choice(('нарисуй', 'изобрази', 'покажи'))} {main}"
    return _joined(main, tail, style, before, rng).replace(" of ", " - ")


def _russian_things(named: dict[str, str], case: str, rng: random.Random) -> str:
    if "object" not in named:
        return ""
    noun = _noun(named["object"], rng)
    count = named.get("count", "one")
    if count == "one":
        first = _russian_thing(noun, case, _adjectives(named, "size", "colour", rng=rng))
    else:
        first = _russian_many(noun, count, _adjectives(named, "colour", rng=rng), rng)
    if "object2" not in named:
        return first
    if "relation" in named:
        link, second_case = rng.choice(RUSSIAN_RELATIONS[named["relation"]])
    else:
        link, second_case = rng.choice(RUSSIAN_TOGETHER)
        second_case = case if second_case == "nominative" else second_case
    second = _russian_thing(
        _noun(named["object2"], rng), second_case, _adjectives(named, "colour2", rng=rng)
    )
    return f"{first} {link} {second}"


def _noun(name: str, rng: random.Random) -> Noun:
    return rng.choice(RUSSIAN_OBJECTS[name][: rng.choice((1, None))])


def _adjectives(named: dict[str, str], *slots: str, rng: random.Random) -> list[tuple[str, str]]:
    tables = {"size": RUSSIAN_SIZES, "colour": RUSSIAN_COLOURS, "colour2": RUSSIAN_COLOURS}
    return [
        rng.choice(tables[slot][named[slot]][: rng.choice((1, None))])
        for slot in slots
        if slot in named
    ]


def _russian_thing(noun: Noun, case: str, adjectives: list[tuple[str, str]]) -> str:
    word: str = getattr(noun, case)
    form = {
        "nominative": noun.gender,
        "accusative": "accusative f" if noun.gender == "f" else noun.gender,
        "genitive": "genitive f" if noun.gender == "f" else "genitive",
        "instrumental": "instrumental f" if noun.gender == "f" else "instrumental",
    }[case]
    if case == "accusative" and noun.gender == "m" and word == noun.genitive:
        form = "genitive"  # living things: "рыжего кота"
    return " ".join((*(adjective(stem, kind, form) for stem, kind in adjectives), word))


def _russian_many(
    noun: Noun, count: str, adjectives: list[tuple[str, str]], rng: random.Random
) -> str:
    number = rng.choice((RUSSIAN_COUNTS[count][noun.gender], {"two": "2", "three": "3"}[count]))
    form = rng.choice(("plural", "genitive plural")) if noun.gender == "f" else "genitive plural"
    described = (adjective(stem, kind, form) for stem, kind in adjectives)
    return " ".join((number, *described, noun.genitive))
