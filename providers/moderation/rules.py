"""This bot's own rules on prompts, from word lists: no network, no guesses, a few milliseconds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cache
from itertools import groupby
from pathlib import Path
from re import Pattern

from providers.moderation.base import WORD_LIST
from providers.moderation.folding import SPELLED, Token, fold, pieced, spelled, tokens
from providers.moderation.lookalikes import TO_CYRILLIC, TO_LATIN
from providers.moderation.wordlist import Part, Phrase, WordLists
from providers.types import Verdict, VerdictStatus

LISTS = Path(__file__).parent / "lists"
LANGUAGES = ("en", "ru")

LONGEST_PROMPT = 10_000
"""Characters; more than Telegram carries in one message. What is longer isn't checked, nor passed."""


def shipped_lists() -> WordLists:
    """One's own, to add to. Reads files the first time."""
    lists = _shipped_lists()
    return WordLists([*lists.blocked], [*lists.allowed], {*lists.without})


@cache
def _shipped_lists() -> WordLists:
    lists = WordLists()
    for language in LANGUAGES:
        lists.add_blocklist((LISTS / f"{language}.txt").read_text("utf-8"))
    return lists


class WordRules:
    """A PromptModerator over word lists. An entry fires once each of its parts is found."""

    source = WORD_LIST

    def __init__(self, lists: WordLists) -> None:
        self._entries = [entry for entry in lists.blocked if entry.category not in lists.without]
        parts = [part for entry in self._entries for part in entry.parts]
        self._blocked = _Index(phrase for part in parts for phrase in part.phrases)
        self._patterns = {part.pattern for part in parts if part.pattern is not None}
        self._allowed = _Index(lists.allowed)

    async def check(self, prompt: str) -> Verdict:
        return self.judge(prompt)

    async def aclose(self) -> None:
        """Nothing is open."""

    def judge(self, prompt: str) -> Verdict:
        if len(prompt) > LONGEST_PROMPT:
            return Verdict(VerdictStatus.UNCHECKED, "prompt", self.source)
        if categories := self._categories(prompt):
            return Verdict(VerdictStatus.BLOCKED, "prompt", self.source, categories)
        return Verdict(VerdictStatus.ALLOWED, "prompt", self.source)

    def _categories(self, prompt: str) -> tuple[str, ...]:
        text = fold(prompt)
        found: set[object] = set()
        for stretch in self._held_against(tokens(text)):
            found.update(self._words_in(text, stretch))
            found.update(self._patterns_in(stretch))
        if not found:  # most prompts, and nothing fires by itself
            return ()
        for _ in range(2):  # the second time for entries that name what fired in the first
            found |= {e.category for e in self._entries if all(_is_in(found, p) for p in e.parts)}
        return tuple(sorted(f for f in found if isinstance(f, str) and not f.startswith("_")))

    def _held_against(self, words: list[Token]) -> Iterator[list[Token]]:
        """The prompt's words in stretches between what the allow-list covers."""
        covered: set[int] = set()
        plain = [frozenset({word.plain}) for word in words]  # disguised words are never allowed
        for place in range(len(words)):
            for phrase in self._allowed.at(plain, place):
                covered.update(range(place, place + len(phrase)))
        for is_covered, stretch in groupby(range(len(words)), key=covered.__contains__):
            if not is_covered:
                yield [words[place] for place in stretch]

    def _words_in(self, text: str, words: list[Token]) -> Iterator[Phrase]:
        readings = [word.readings for word in words]
        for place in range(len(words)):
            yield from self._blocked.at(readings, place)
        for word in pieced(text, words):
            if not any(self._allowed.at([frozenset({word.plain})], 0)):
                yield from self._blocked.at([word.readings], 0)
        for letters in spelled(words):
            yield from self._blocked.inside(letters)

    def _patterns_in(self, words: list[Token]) -> Iterator[Pattern[str]]:
        line = " ".join(word.plain for word in words)
        lines = {line, line.translate(TO_LATIN), line.translate(TO_CYRILLIC)}
        for pattern in self._patterns:
            if any(pattern.search(each) for each in lines):
                yield pattern


class _Index:
    """Phrases by the forms of their first word, so that a prompt is read once for all of them."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._by_form: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in dict.fromkeys(phrases):
            for form in phrase[0]:
                self._by_form[form].append(phrase)
        self._longest = max(map(len, self._by_form), default=0)

    def at(self, readings: Sequence[frozenset[str]], place: int) -> Iterator[Phrase]:
        """Those that begin with this word, whatever way it is read."""
        for reading in readings[place]:
            for phrase in self._by_form.get(reading, ()):
                row = readings[place : place + len(phrase)]
                if len(row) == len(phrase) and not any(map(frozenset.isdisjoint, row, phrase)):
                    yield phrase

    def inside(self, letters: str) -> Iterator[Phrase]:
        """Single words anywhere in these letters."""
        for start in range(len(letters)):
            for end in range(start + SPELLED, min(start + self._longest, len(letters)) + 1):
                for phrase in self._by_form.get(letters[start:end], ()):
                    if len(phrase) == 1:
                        yield phrase


def _is_in(found: Set[object], part: Part) -> bool:
    if part.section is not None:
        return part.section in found
    return part.pattern in found or not part.phrases.isdisjoint(found)
