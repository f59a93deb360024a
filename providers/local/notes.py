"""What somebody should know about how the model takes a prompt."""

import unicodedata

from providers.local.demo import world
from providers.types import Note, NoteKind

SCRIPTS = {"en": "LATIN", "ru": "CYRILLIC"}
"""The letters that a language is written in, as Unicode's names for them begin."""


def language_notes(prompt: str, languages: frozenset[str]) -> list[Note]:
    """A note where the prompt has letters of which the model's text encoder has learned nothing."""
    scripts = tuple({"LATIN", *(SCRIPTS[language] for language in languages)})
    letters = (letter for letter in prompt if letter.isalpha())
    known = all(unicodedata.name(letter, "").startswith(scripts) for letter in letters)
    return [] if known else [Note(NoteKind.PROMPT_LANGUAGE)]


def cut_notes(unread: str) -> list[Note]:
    return [Note(NoteKind.PROMPT_CUT, unread)] if unread else []


def demo_notes(prompt: str, style: str | None) -> list[Note]:
    """Notes on the words that the demo model can't know and on a style that it doesn't have."""
    notes = []
    if words := world.unknown_words(prompt):
        notes.append(Note(NoteKind.DEMO_MODEL, ", ".join(words)))
    if style in world.APPROXIMATED:
        notes.append(Note(NoteKind.STYLE_NEAREST, world.STYLES[style]))
    return notes
