"""What an admin types after a command and a person: numbers, times, reasons. Pure.

Each raises BadOrder where the words can't be read.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from bot.commands.durations import parse_duration
from bot.usecases.errors import BadOrder
from bot.usecases.invites import Offer
from storage.records import UNLIMITED

MOST_UNITS = 1_000_000
MOST_USES = 10_000
REASON_SHOWN = 200  # characters
FOREVER = "forever"
_GROUP_ID = re.compile(r"-\d{1,16}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,7}", re.ASCII)


class Ban(NamedTuple):
    """lasts: None for good."""

    lasts: timedelta | None
    reason: str | None


def read_grant(words: Sequence[str]) -> int:
    """Units to give, or below zero to take back."""
    units = _number(words[0]) if len(words) == 1 else None
    if not units or abs(units) > MOST_UNITS:
        raise BadOrder("grant")
    return units


def read_limit(words: Sequence[str]) -> int | None:
    """Units a day; None for what the settings say."""
    match [word.lower() for word in words]:
        case ["default"]:
            return None
        case ["unlimited"]:
            return UNLIMITED
        case [word] if (limit := _number(word)) is not None and 0 <= limit <= MOST_UNITS:
            return limit
        case _:
            raise BadOrder("limit")


def read_chat_limit(words: Sequence[str], here: int | None) -> tuple[int, int | None]:
    """A group's id, which `here` is unless one is typed, and its units a day as in `read_limit`."""
    typed = words[0] if len(words) == 2 and _GROUP_ID.fullmatch(words[0]) else None  # noqa: PLR2004 - the id and the units
    chat_id = int(typed) if typed else here
    if chat_id is None:
        raise BadOrder("chatlimit")
    try:
        return chat_id, read_limit(words[1:] if typed else words)
    except BadOrder:
        raise BadOrder("chatlimit") from None


def read_ban(words: Sequence[str]) -> Ban:
    """A time first, if any; all the rest is the reason."""
    lasts = parse_duration(words[0]) if words else None
    if lasts is not None or words[:1] == [FOREVER]:
        words = words[1:]
    return Ban(lasts, " ".join(words)[:REASON_SHOWN] or None)


def read_invite(words: Sequence[str]) -> Offer:
    """Units, uses, and how long it works, in this order; each may be left out from the end on."""
    plain, lasts = list(words), Offer().lasts
    if plain and not _NUMBER.fullmatch(plain[-1]):
        last = plain.pop().lower()
        lasts = parse_duration(last)
        if lasts is None and last != FOREVER:
            raise BadOrder("invite")
    numbers = [_number(word) for word in plain]
    match numbers:
        case []:
            units, uses = Offer().units, Offer().uses
        case [int(units)]:
            uses = Offer().uses
        case [int(units), int(uses)]:
            pass
        case _:
            raise BadOrder("invite")
    if not (0 <= units <= MOST_UNITS and 1 <= uses <= MOST_USES):
        raise BadOrder("invite")
    return Offer(units, uses, lasts)


def read_nothing(words: Sequence[str], command: str) -> None:
    if words:
        raise BadOrder(command)


def _number(word: str) -> int | None:
    return int(word) if _NUMBER.fullmatch(word) else None
