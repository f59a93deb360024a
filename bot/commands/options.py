"""The options of `/imagine`: their names, and how each one's value is read."""

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from bot.commands.refusals import ParseError, ParseReason, Refused
from providers.styles import find_style, style_key

# The canonical name first, then what users of other bots type.
OPTION_NAMES: dict[str, tuple[str, ...]] = {
    "ar": ("aspect", "aspect-ratio", "ratio", "size"),
    "style": (),
    "no": ("negative", "neg", "negative-prompt"),
    "seed": (),
    "n": ("num", "count", "num-images"),
    "steps": ("step", "num-inference-steps"),
    "guidance": ("cfg", "cfg-scale", "guidance-scale"),
    "prior-steps": ("prior-num-inference-steps",),
    "prior-guidance": ("prior-cfg", "prior-guidance-scale"),
    "scheduler": ("sampler",),
    "strength": (),
    "blend": ("mix", "weight"),
    "mask": ("inpaint",),
    "depth": (),
    "model": (),
    "via": ("provider",),
}
FLAGS = frozenset({"mask", "depth"})  # they stand alone, without a value
MAX_IMAGES = 4
MAX_SEED = 2**63 - 1  # what a database's integer holds; an offer's own limit is the catalog's
MIN_RATIO, MAX_RATIO = Fraction(1, 3), Fraction(3)
MIN_PIXELS = 64  # `16x9` is a ratio, `1024x576` a size: this tells them apart

Fields = dict[str, Any]
Reader = Callable[[str], Fields]

_BY_NAME = {alias: name for name, more in OPTION_NAMES.items() for alias in (name, *more)}
_DASH = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_INTEGER = re.compile(r"-?\d{1,19}")
_NUMBER = re.compile(r"(?=[.\d])\d{0,19}(?:\.\d{1,19})?")
_SIDES = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)([:/x])(\d{1,4}(?:\.\d{1,3})?)")


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen by name at this moment."""

    styles: Collection[str]
    models: Collection[str]
    providers: Collection[str]
    schedulers: Collection[str] = ()


def canonical_option(name: str) -> str:
    """The option meant by what was typed; raises Refused with the nearest one."""
    key = _folded(name)
    if key in _BY_NAME:
        return _BY_NAME[key]
    near = get_close_matches(key, _BY_NAME, n=1, cutoff=0.5)
    raise Refused(
        ParseError(
            ParseReason.UNKNOWN_OPTION,
            option=shorten(name),
            nearest=_BY_NAME[near[0]] if near else None,
            allowed=tuple(OPTION_NAMES),
        )
    )


def is_flag(name: str) -> bool:
    """Whether this is, as typed, an option without a value."""
    return _BY_NAME.get(_folded(name)) in FLAGS


def _folded(name: str) -> str:
    return _DASH.sub("-", unicodedata.normalize("NFKC", name).casefold()).replace("_", "-")


def readers(choices: Choices) -> dict[str, Reader]:
    """For each option that takes a value, a function from that to fields of the command.

    Each raises Refused.
    """
    return {
        "ar": read_size,
        "style": lambda value: {"style": _style(value, choices.styles)},
        "no": lambda value: {"negative_prompt": value},
        "seed": lambda value: {"seed": _seed(value)},
        "n": lambda value: {"num_images": _integer(value, 1, MAX_IMAGES)},
        "steps": lambda value: {"num_inference_steps": _integer(value, 1, 99_999)},
        "guidance": lambda value: {"guidance_scale": _number(value, 0, 100)},
        "prior-steps": lambda value: {"prior_num_inference_steps": _integer(value, 1, 99_999)},
        "prior-guidance": lambda value: {"prior_guidance_scale": _number(value, 0, 100)},
        "scheduler": lambda value: {"scheduler": _choose(value, choices.schedulers)},
        "strength": lambda value: {"strength": _number(value, 0, 1)},
        "blend": lambda value: {"blend": _number(value, 0, 1)},
        "model": lambda value: {"model": _choose(value, choices.models)},
        "via": lambda value: {"provider": _choose(value, choices.providers)},
    }


def shorten(text: str, length: int = 40) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def read_size(value: str) -> Fields:
    """`16:9`, `16/9`, `16x9`, `1.91:1` -> aspect_ratio; `1024x576` -> size, in pixels."""
    found = _SIDES.fullmatch(re.sub("[х×*]", "x", re.sub("[∶⁄]", ":", _plain(value))))  # noqa: RUF001 - a Cyrillic keyboard's x
    if found is None or not (width := Fraction(found[1])) or not (height := Fraction(found[3])):
        raise _refused(ParseReason.BAD_VALUE, "1:3", "3:1")
    ratio = width / height
    if not MIN_RATIO <= ratio <= MAX_RATIO:
        nearest = "3:1" if ratio > MAX_RATIO else "1:3"
        raise _refused(ParseReason.OUT_OF_RANGE, "1:3", "3:1", nearest=nearest)
    if width.denominator > 1 or height.denominator > 1:
        return {"aspect_ratio": ratio.limit_denominator(1000).as_integer_ratio()}
    sides = (int(width), int(height))
    return {"size" if found[2] == "x" and min(sides) >= MIN_PIXELS else "aspect_ratio": sides}


def _plain(value: str) -> str:
    """One spelling for what keyboards write in many: case, width, spaces, dashes, separators.

    Digits of every script stay, as `int` and `Fraction` read them all.
    """
    folded = unicodedata.normalize("NFKC", value).casefold()
    return re.sub("[,\u066b]", ".", _DASH.sub("-", re.sub(r"\s", "", folded.rstrip(" ,;."))))


def _seed(value: str) -> int | None:
    """A seed; -1 and `random` are what other programs call "any"."""
    return None if _plain(value) in ("-1", "random") else _integer(value, 0, MAX_SEED)


def _integer(value: str, low: int, high: int) -> int:
    plain = _plain(value)
    if re.fullmatch(r"-?\d+", plain) is None:
        raise _refused(ParseReason.BAD_VALUE, str(low), str(high))
    short = _INTEGER.fullmatch(plain)
    number = int(plain) if short else -1 if plain.startswith("-") else high + 1
    if not low <= number <= high:
        nearest = str(low if number < low else high)
        raise _refused(ParseReason.OUT_OF_RANGE, str(low), str(high), nearest=nearest)
    return number


def _number(value: str, low: int, high: int) -> float:
    plain = _plain(value)
    if _NUMBER.fullmatch(plain.removeprefix("-")) is None:
        raise _refused(ParseReason.BAD_VALUE, str(low), str(high))
    number = round(float(plain), 4)
    if not low <= number <= high:
        nearest = str(low if number < low else high)
        raise _refused(ParseReason.OUT_OF_RANGE, str(low), str(high), nearest=nearest)
    return number


def _style(value: str, styles: Collection[str]) -> str:
    style = find_style(value)
    return style.name if style and style.name in styles else _choose(value, styles)


def _choose(value: str, names: Collection[str]) -> str:
    by_key = {style_key(name): name for name in names}
    key = style_key(value)
    if key in by_key:
        return by_key[key]
    near = get_close_matches(key, by_key, n=1, cutoff=0.5)
    nearest = by_key[near[0]] if near else None
    raise _refused(ParseReason.UNKNOWN_VALUE, *sorted(names), nearest=nearest)


def _refused(reason: ParseReason, *allowed: str, nearest: str | None = None) -> Refused:
    return Refused(ParseError(reason, nearest=nearest, allowed=allowed))
