"""One form for all the ways to write a text: what people read as the same word compares as equal.

`fold` takes away compatibility forms, case, marks and what can't be seen; `tokens` cuts the rest
into words, each with every reading that lookalikes and digits give it. All of it takes time that
grows with the text's length alone.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from providers.moderation.lookalikes import BOXED, READINGS

# Invisible, though Unicode calls them letters or symbols: Hangul fillers and the empty Braille cell.
_FILLERS = frozenset("\u115f\u1160\u2800")
_DROPPED = frozenset({"Mn", "Me", "Cf", "Cc", "Cs", "Co", "Cn"})

# A word: letters and digits, and the signs that stand for letters; `!` and `|` only inside one.
_WORD = re.compile(r"(?:[^\W_]|[@$]|(?<=[^\W_])[!|](?=[^\W_]))+")
_NOT_LETTERS = "0123456789@$!|"
_STRETCHED = re.compile(r"(.)\1\1")
_REPEATED = re.compile(r"(.)\1+")

SQUEEZED = "~"
"""Before a reading that was stretched (`pooorn`): each letter stands for any number of itself."""

SPELLED = 3
"""So many letters in a row, each on its own, spell a word: `s e x`."""


class _Fold(dict[int, str | None]):
    """What becomes of each character, worked out when it is first seen."""

    def __missing__(self, point: int) -> str | None:
        char = chr(point)
        whitespace = char.isspace()
        dropped = not whitespace and (
            unicodedata.category(char) in _DROPPED
            or unicodedata.combining(char) != 0
            or char in _FILLERS
        )
        self[point] = result = None if dropped else " " if whitespace else char
        return result


_FOLD = _Fold()
_FOLD.update(BOXED)


def fold(text: str) -> str:
    """Small letters without marks; nothing invisible. Folding again changes nothing."""
    lowered = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFKD", lowered).translate(_FOLD)


@dataclass(frozen=True, slots=True)
class Token:
    """A word as folded, where it stands in the folded text, and every way to read it."""

    plain: str
    start: int
    end: int
    readings: frozenset[str]


def tokens(folded: str) -> list[Token]:
    return [Token(each[0], *each.span(), read(each[0])) for each in _WORD.finditer(folded)]


def read(word: str) -> frozenset[str]:
    """Every way to read a folded word."""
    found = {word.translate(table) for table in READINGS}
    found |= {reading.strip(_NOT_LETTERS) for reading in (word, *found)} | {word}
    found |= {SQUEEZED + _squeeze(reading) for reading in found if _STRETCHED.search(reading)}
    found.discard("")
    return frozenset(found)


def stretchable(forms: frozenset[str]) -> frozenset[str]:
    """A list's word, such that a stretched reading of it is found too."""
    return forms | {SQUEEZED + _squeeze(form) for form in forms}


def _squeeze(word: str) -> str:
    return _REPEATED.sub(r"\1", word)


def pieced(folded: str, words: Sequence[Token]) -> Iterator[Token]:
    """Words cut into pieces by signs but no space (`po-rn`), as the one word they look like."""
    chunk: list[Token] = []
    for word in words:
        if chunk and " " in folded[chunk[-1].end : word.start]:
            yield from _joined(chunk)
            chunk = []
        chunk.append(word)
    yield from _joined(chunk)


def _joined(chunk: Sequence[Token]) -> Iterator[Token]:
    if len(chunk) > 1:
        whole = "".join(piece.plain for piece in chunk)
        yield Token(whole, chunk[0].start, chunk[-1].end, read(whole))


def spelled(words: Iterable[Token]) -> Iterator[str]:
    """Single letters in a row, run together (`p o r n`), in every way to read them."""
    for single, run in groupby(words, key=lambda word: len(word.plain) == 1):
        letters = "".join(word.plain for word in run) if single else ""
        if len(letters) >= SPELLED and not letters.isdigit():
            yield from {letters, *(letters.translate(table) for table in READINGS)}
