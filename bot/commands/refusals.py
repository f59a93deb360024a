"""Why a command can't be read, as data; the words are made in `bot/texts`."""

from dataclasses import dataclass
from enum import StrEnum


class ParseReason(StrEnum):
    NO_TEXT = "no_text"  # the command word alone
    EMPTY_PROMPT = "empty_prompt"  # options, but nothing to draw
    UNKNOWN_OPTION = "unknown_option"
    MISSING_VALUE = "missing_value"
    UNCLOSED_QUOTE = "unclosed_quote"
    BAD_VALUE = "bad_value"  # not a number, not a ratio
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_VALUE = "unknown_value"  # no such style, model or provider


@dataclass(frozen=True, slots=True)
class ParseError:
    """One thing wrong with a command.

    option: the option's name without dashes: as typed where it is unknown, else the canonical one.
    value: what was typed, shortened to one line of a message.
    nearest: the nearest valid option or value, where one is near.
    allowed: for an unknown option or value every valid one; for a number or a ratio the lowest
        and the highest.
    """

    reason: ParseReason
    option: str = ""
    value: str = ""
    nearest: str | None = None
    allowed: tuple[str, ...] = ()


class Refused(Exception):
    """Carries a ParseError out of the depths of the parser; never leaves `bot/parsing.py`."""

    def __init__(self, error: ParseError) -> None:
        super().__init__(error.reason.value)
        self.error = error
