"""What the doctor found, a line each."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.settings import Settings


class Mark(StrEnum):
    GOOD = "✓"
    NOTE = "!"  # the bot works, but the owner may want to know
    BAD = "✗"  # the bot won't start, or can't do what the settings ask


@dataclass(frozen=True, slots=True)
class Finding:
    """subject: what was looked at, or the setting to change. text: without any secret."""

    mark: Mark
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.mark} {self.subject}: {self.text}"


@dataclass(frozen=True, slots=True)
class Table(Finding):
    """Lines to be read together, the marks in their first column; what is bad is told after it."""

    mark: Mark = field(default=Mark.GOOD, init=False)
    subject: str = field(default="services", init=False)
    text: str = field(default="", init=False)
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)


Examination = Callable[[Settings], AsyncIterator[Finding]]


def good(subject: str, text: str) -> Finding:
    return Finding(Mark.GOOD, subject, text)


def note(subject: str, text: str) -> Finding:
    return Finding(Mark.NOTE, subject, text)


def bad(subject: str, text: str) -> Finding:
    return Finding(Mark.BAD, subject, text)


def in_gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
