"""Lists of what isn't drawn: text files, a line an entry. docs/decisions/0010 says why so.

    # a comment
    [sexual]                        the category of what follows
    hentai                          a whole word
    dildo~                          a word with its usual endings
    oral sex                        words in a row
    gore | gory                     either
    suck~ & lollipop                both, anywhere in the prompt
    /rule ?34/                      a regular expression, see `providers.moderation.patterns`
    [_young] & [_suggestive]        something of both sections (what stands in them on its own,
                                    without naming a third); one with `_` blocks nothing alone
    [allow]                         what follows is never held against a prompt

Of an allow-list every entry is as under `[allow]`, and `[gore]` there takes that category away.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from providers.moderation.folding import fold, stretchable, tokens
from providers.moderation.inflection import forms
from providers.moderation.patterns import BadPattern, compile_pattern

ALLOW = "allow"
OWN = "own"
"""The category of an owner's entries that stand under none."""

ALWAYS = frozenset({"minors"})
"""Categories no allow-list takes away."""

_SECTION = re.compile(r"\[(_?[a-z][a-z0-9/-]{0,38})\]")
_REGEX = re.compile(r"/(.+)/")
_NOT_WORDS = re.compile(r"[&\[\]/\\*?(){}<>]|~(?!\s|$)")

Phrase = tuple[frozenset[str], ...]
"""Words in a row, each in all its forms."""


class BadList(Exception):
    """A list can't be read; the message is one line and quotes nothing of the file."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Part:
    """One condition of an entry: any of these."""

    phrases: frozenset[Phrase] = frozenset()
    pattern: re.Pattern[str] | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """`parts`: all of them must be there."""

    category: str
    parts: tuple[Part, ...]


@dataclass(slots=True)
class WordLists:
    """What all files say together."""

    blocked: list[Entry] = field(default_factory=list)
    allowed: list[Phrase] = field(default_factory=list)
    without: set[str] = field(default_factory=set)  # categories an owner took away

    @property
    def sections(self) -> frozenset[str]:
        return frozenset(entry.category for entry in self.blocked)

    def add_blocklist(self, text: str) -> None:
        """Raises BadList."""
        category = OWN
        named: list[tuple[int, str]] = []
        for number, line in _lines(text):
            if section := _SECTION.fullmatch(line):
                category = section[1]
            elif category == ALLOW:
                self.allowed += _phrases(number, line)
            else:
                entry = Entry(category, _parts(number, line))
                named += [(number, part.section) for part in entry.parts if part.section]
                self.blocked.append(entry)
        for number, section_named in named:
            if section_named not in self.sections:
                raise BadList(number, "names a section that isn't there")

    def add_allowlist(self, text: str) -> None:
        """Raises BadList."""
        for number, line in _lines(text):
            if section := _SECTION.fullmatch(line):
                self._take_away(number, section[1])
            else:
                self.allowed += _phrases(number, line)

    def _take_away(self, number: int, category: str) -> None:
        if category in ALWAYS:
            raise BadList(number, f"[{category}] can't be allowed")
        known = {name for name in self.sections - ALWAYS if not name.startswith("_")}
        if category not in known:
            raise BadList(number, f"no such category; there is {', '.join(sorted(known))}")
        self.without.add(category)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if (stripped := line.strip()) and not stripped.startswith("#"):
            yield number, stripped


def _parts(number: int, line: str) -> tuple[Part, ...]:
    parts = [line] if _REGEX.fullmatch(line) else line.split("&")
    return tuple(_part(number, part.strip()) for part in parts)


def _part(number: int, text: str) -> Part:
    if section := _SECTION.fullmatch(text):
        return Part(section=section[1])
    if regex := _REGEX.fullmatch(text):
        try:
            return Part(pattern=compile_pattern(fold(regex[1])))
        except BadPattern as error:
            raise BadList(number, str(error)) from None
    return Part(phrases=frozenset(_phrases(number, text)))


def _phrases(number: int, text: str) -> list[Phrase]:
    return [_phrase(number, each.strip()) for each in text.split("|")]


def _phrase(number: int, text: str) -> Phrase:
    if _NOT_WORDS.search(text):
        raise BadList(number, "only words, and the signs ~ | & [ ] / in their places")
    words = [stretchable(forms(word)) for each in text.split() for word in _cut(each)]
    if not words:
        raise BadList(number, "a word is missing")
    return tuple(words)


def _cut(text: str) -> list[str]:
    """`gore-tex` is two words to the reader of prompts too; `~` belongs to the last of them."""
    words = [token.plain for token in tokens(fold(text))]
    if words and text.endswith("~"):
        words[-1] += "~"
    return words
