"""JSON of every shape, rolled from a seed. Hypothesis chooses the seed alone: were it to choose every
part of a value, it would take ten times as long as all the readers of it.
"""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

DEEPEST = 4
ODD = [
    None, True, False, 0, 1, -1, 7, 2**31, 2**63, -(2**63) - 1, 10**400,
    0.5, -0.0, 1e308, -1e-308, float("inf"), float("-inf"), float("nan"),
    "", " ", "0", "-1", "1e999", "nan", "null", "True", "==", "a\nb", "\x00", "\ud800", "\u202e",
    "٣", "é" * 40, "{}", "https://[", "http://127.0.0.1/", "data:image/png;base64,", "image/png",
    "DONE", "FAIL", "succeeded", "failed", "NSFW", "2026-01-01T00:00:00Z", "9999-99-99T99:99:99Z",
]  # fmt: skip


def rolled(build: Callable[[Random], T]) -> st.SearchStrategy[T]:
    return st.integers(0, 2**32 - 1).map(lambda seed: build(Random(seed)))  # noqa: S311 - repeatable


def text(dice: Random, longest: int = 20) -> str:
    """Of letters from anywhere, but surrogates: what isn't JSON goes as bytes."""
    codes = (
        dice.choice((dice.randrange(128), dice.randrange(0xD800), dice.randrange(0xE000, 0x110000)))
        for _ in range(dice.randrange(longest))
    )
    return "".join(map(chr, codes))


def value(dice: Random, keys: Sequence[str], depth: int = 0) -> Any:
    kind = dice.randrange(6 if depth < DEEPEST else 4)
    match kind:
        case 0:
            return dice.randrange(-1000, 1000)
        case 1:
            return text(dice)
        case 2 | 3:
            return dice.choice(ODD)
        case 4:
            return [value(dice, keys, depth + 1) for _ in range(dice.randrange(4))]
        case _:
            names = (
                dice.choice(keys) if dice.random() < 0.9 else text(dice)
                for _ in range(dice.randrange(6))
            )
            return {name: value(dice, keys, depth + 1) for name in names}


def places(holder: Any) -> list[tuple[Any, Any]]:
    """(holder, key or index) of everything inside."""
    if not isinstance(holder, dict | list):
        return []
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    return [place for key in keys for place in ((holder, key), *places(holder[key]))]


def spoil(dice: Random, body: Any, keys: Sequence[str]) -> Any:
    """Some of its parts, three at most, become others or go."""
    for _ in range(dice.randrange(4)):
        if not (inside := places(body)):
            break
        holder, key = dice.choice(inside)
        if dice.random() < 0.5:
            holder[key] = value(dice, keys)
        else:
            del holder[key]
    return body
