"""The catalogs hold what the code says and no more, and every translation can stand in for its message.

To bring them up to date: `python -m docs.translations`.
"""

import re
from collections import Counter
from collections.abc import Iterable
from string import Formatter

import pytest
from babel.messages import Catalog, Message

from bot.i18n import LANGUAGES, LOCALES, ngettext, use_locale
from bot.playground.entities import parse_html
from docs.translations import (
    first,
    languages,
    marked_in,
    messages,
    read,
    spoken_in_code,
    untranslated,
)

CATALOGS = {language: read(language) for language in languages()}
PLURAL_FORMS = {"ru": 3}


def translations(language: str) -> list[tuple[Message, str]]:
    """Each of a plural's forms on its own."""
    return [
        (message, text)
        for message in messages(CATALOGS[language])
        for text in ([message.string] if isinstance(message.string, str) else message.string)
        if text
    ]


def ids(catalog: Catalog) -> set[str | tuple[str, str]]:
    return {message.id for message in messages(catalog)}


def fields(text: str) -> Counter[tuple[str | None, str | None]]:
    return Counter((name, spec) for _text, name, spec, _how in Formatter().parse(text) if name)


def tags(text: str) -> Counter[str]:
    return Counter(re.findall(r"</?[a-z][^>]*>", text))


def names(text: str) -> set[str]:
    """The commands and options that it names: these are typed, and the same in every language."""
    return set(re.findall(r"(?<![\w<])/[a-z]+\b|--[a-z-]+", text))


def listed(what: str, texts: Iterable[str]) -> str:
    """All of them: an assertion's own message is cut short."""
    return "\n  ".join([f"{what}; `python -m docs.translations` brings it up to date:", *texts])


def test_a_message_is_found_wherever_it_is_marked() -> None:
    source = """X = N_("one" " two")\nf"<b>{_('inside')}</b> {ngettext('a', 'b', n)}"\n_(X), _(f"no{X}")"""
    assert marked_in(source) == [(1, "one two"), (2, "inside"), (2, ("a", "b"))]


def test_english_and_russian_are_spoken() -> None:
    assert {"en", "ru"} <= set(LANGUAGES)
    assert set(LANGUAGES) == {"en", *CATALOGS}
    assert len(translations("ru")) > 200


@pytest.mark.parametrize("language", CATALOGS)
def test_nothing_is_missing_and_nothing_unused(language: str) -> None:
    known, said = ids(CATALOGS[language]), ids(spoken_in_code())
    assert known >= said, listed("not in the catalog", map(str, said - known))
    assert known <= said, listed("no longer said", map(str, known - said))


@pytest.mark.parametrize("language", CATALOGS)
def test_nothing_is_untranslated(language: str) -> None:
    catalog = CATALOGS[language]
    missing = untranslated(catalog)
    assert not missing, listed("untranslated", missing)
    assert not [first(message.id) for message in messages(catalog) if message.fuzzy]


@pytest.mark.parametrize("language", CATALOGS)
def test_every_plural_has_all_its_forms(language: str) -> None:
    catalog = CATALOGS[language]
    assert catalog.num_plurals == PLURAL_FORMS.get(language, catalog.num_plurals)
    for message in messages(catalog):
        if message.pluralizable:
            assert len(message.string) == catalog.num_plurals, first(message.id)


@pytest.mark.parametrize("language", CATALOGS)
def test_a_catalog_is_as_the_tool_leaves_it(language: str) -> None:
    text = (LOCALES / language / "LC_MESSAGES" / "messages.po").read_text("utf-8")
    assert "#~" not in text and "Date" not in text
    assert not re.search(r"^#: .*:\d+", text, re.MULTILINE)


@pytest.mark.parametrize("language", CATALOGS)
def test_a_translation_has_its_messages_fields_tags_and_names(language: str) -> None:
    for message, text in translations(language):
        original = message.id if isinstance(message.id, str) else message.id[1]
        assert fields(text) == fields(original)
        assert tags(text) == tags(original)
        assert names(text) == names(original)
        assert text[:1].isspace() == original[:1].isspace() and not text[-1:].isspace(), text
        parse_html(text)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 кредитов"),
        (1, "1 кредит"),
        (2, "2 кредита"),
        (5, "5 кредитов"),
        (11, "11 кредитов"),
        (12, "12 кредитов"),
        (21, "21 кредит"),
        (104, "104 кредита"),
        (111, "111 кредитов"),
    ],
)
def test_russian_counts_as_russians_do(count: int, words: str) -> None:
    with use_locale("ru"):
        assert ngettext("{count} unit", "{count} units", count).format(count=count) == words
