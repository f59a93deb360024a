"""What the prior remembers, and how much of a prompt it reads."""

import pytest

from providers.local import tokens
from providers.local.embeddings import Cache
from providers.local.notes import language_notes
from providers.types import NoteKind
from tests.fakes import tiny_kandinsky as tiny
from tests.fakes.extra import Extra

pytestmark = pytest.mark.local
torch = Extra("torch")


def test_the_least_recently_used_is_forgotten_first() -> None:
    kept = Cache(limit=2)
    for key in ("first", "second"):
        kept.keep(key, torch.ones(1))
    assert kept.get("first") is not None
    kept.keep("third", torch.ones(1))
    assert kept.get("second") is None
    assert kept.get("first") is not None and kept.get("third") is not None


@pytest.mark.parametrize(
    ("prompt", "unread"),
    [
        ("", ""),
        ("a cat", ""),
        ("x" * 75, ""),
        ("x" * 75 + "y", "y"),
        ("x" * 70 + " 12345 the end", "the end"),
        ("кот" * 12 + "ы и собаки", "и собаки"),
    ],
)
def test_what_lies_beyond_77_tokens_is_not_read(prompt: str, unread: str) -> None:
    assert tokens.unread(tiny.tokenizer(), prompt) == unread


def test_a_smaller_limit_counts() -> None:
    assert tokens.unread(tiny.tokenizer(), "a cat sat", limit=5) == "t sat"


@pytest.mark.parametrize(
    ("prompt", "languages", "told"),
    [
        ("a fox, 2 of them!", {"en"}, False),
        ("café naïve Ærø", {"en"}, False),
        ("🦊 123 -- ?", {"en"}, False),
        ("лиса", {"en"}, True),
        ("a лиса", {"en"}, True),
        ("лиса in the snow", {"en", "ru"}, False),
        ("狐", {"en", "ru"}, True),
    ],
)
def test_letters_the_model_has_not_learned_are_told(
    prompt: str, languages: set[str], told: bool
) -> None:
    found = language_notes(prompt, frozenset(languages))
    assert [note.kind for note in found] == [NoteKind.PROMPT_LANGUAGE] * told
