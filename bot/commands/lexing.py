"""Cuts a command's text into its prompt and its options; knows no option by name.

The traps it steps around: phones turn `--` into a dash and straight quotes into curly ones,
keyboards of right-to-left languages put invisible marks before a word, and pasted text
brings control characters along.
"""

# ruff: noqa: RUF001 - look-alike quotes are this module's subject

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

_BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides, isolates
_LINE_BREAK = re.compile("\r\n?|[\x85\u2028\u2029]")
_SPACE = re.compile(r"[\t\v\f]")
_REMOVED = re.compile(f"[\x00-\x09\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff{_BIDI_CONTROLS}]")

_INVISIBLE = (
    "\u061c\u200b\u200c\u200d\u200e\u200f\u2060"  # marks that may stand before a word, unseen
)
_LONG_DASHES = "\u2013\u2014\u2015\u2e3a\u2e3b"  # each alone is a `--` that a phone corrected
_DASHES = "\\-\u2010-\u2012\u2212\ufe58\ufe63\uff0d" + _LONG_DASHES
_OPTION = re.compile(
    rf"[{_INVISIBLE}]*(?:[{_DASHES}]{{2,}}|[{_LONG_DASHES}])(?P<name>[^\W\d_][^\s=]*)=?"
)
_WORD = re.compile(r"\S+")

_CLOSERS = {
    '"': '"',
    "\uff02": "\uff02",
    "“": "”“",
    "”": "”“",
    "„": "“”",
    "‟": "”",
    "«": "»",
    "»": "«»",
    "「": "」",
    "『": "』",
    "'": "'",
    "‘": "’‘",
    "’": "’‘",
    "‚": "‘’",
    "‛": "’",
    "‹": "›",
    "›": "‹›",
}
_APOSTROPHES = "'‘’‚‛"
_ANY_DOUBLE = '"”“»«\uff02'


@dataclass(frozen=True, slots=True)
class RawOption:
    """An option as typed: `value` is None where none followed; `closed` is about its quotes."""

    name: str
    value: str | None = None
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Scan:
    prompt: str
    options: tuple[RawOption, ...]


def clean(text: str) -> str:
    r"""The text without what can't be seen or would garble what is shown around it.

    Line breaks of every kind become `\n`. Control characters, lone surrogates and the bidi
    embedding, override and isolate characters go. Right-to-left text, the marks LRM and RLM,
    joiners and combining characters stay as they are.
    """
    return _REMOVED.sub("", _SPACE.sub(" ", _LINE_BREAK.sub("\n", text)))


def squeeze(text: str) -> str:
    """One space between words, one line break where there were any, none at the ends."""
    return re.sub(r"\s+", lambda gap: "\n" if "\n" in gap[0] else " ", text).strip()


def trim(value: str) -> str:
    """The value without the invisible marks and gaps around it."""
    return value.strip(_INVISIBLE + " \n")


def is_visible(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LNPS" for character in text)


def scan(text: str, is_flag: Callable[[str], bool]) -> Scan:
    """Separate the prompt's words from the options; an unclosed quote takes the whole rest.

    is_flag: whether an option of this name stands alone, so that the word after it is the prompt's.
    """
    prompt = ""
    options: list[RawOption] = []
    gap = ""
    position = 0
    while word := _WORD.search(text, position):
        gap += text[position : word.start()]
        if option := _OPTION.match(text, word.start()):
            raw, position = _read_option(text, option, is_flag)
            options.append(raw)
            continue
        prompt += ("\n" if "\n" in gap else " ") + word[0]
        gap, position = "", word.end()
    return Scan(prompt.strip(), tuple(options))


def _read_option(
    text: str, option: re.Match[str], is_flag: Callable[[str], bool]
) -> tuple[RawOption, int]:
    """The option with its value, and where that ends."""
    name = trim(option["name"])
    word = None if is_flag(name) else _WORD.search(text, option.end())
    if word is None or _OPTION.match(text, word.start()):
        return RawOption(name), option.end()
    quote = word[0][0]
    end = _closing_quote(text, word.start()) if quote in _CLOSERS else None
    if end is not None:
        return RawOption(name, trim(squeeze(text[word.start() + 1 : end]))), end + 1
    if quote in _CLOSERS and quote not in _APOSTROPHES:
        return RawOption(name, word[0], closed=False), len(text)
    return RawOption(name, trim(word[0])), word.end()


def _closing_quote(text: str, opening: int) -> int | None:
    """Where the quote that opens here closes: at its own partner, else at a mismatched one.

    An apostrophe closes only at a word's end, so that `'don't'` is one value; so does a
    mismatched quote, which is there because a phone corrected one of the two.
    """
    quote = text[opening]
    own = re.escape(_CLOSERS[quote])
    at_word_end = r"(?=\s|$)"
    patterns = (
        [f"[{own}]{at_word_end}"]
        if quote in _APOSTROPHES
        else [f"[{own}]", f"[{_ANY_DOUBLE}]{at_word_end}"]
    )
    for pattern in patterns:
        if found := re.compile(pattern).search(text, opening + 1):
            return found.start()
    return None
