"""Lengths of time as people type them: `30m`, `2h`, `3d`, `1w`, `1d12h`. Pure."""

import re
from datetime import timedelta

LONGEST = timedelta(days=3650)
MOST_CHARACTERS = 20
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_ONE = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)
_ALL = re.compile(rf"(?:{_ONE.pattern})+", re.ASCII)


def parse_duration(word: str) -> timedelta | None:
    """None where it is no length of time; at most LONGEST."""
    lower = word.lower()
    if len(lower) > MOST_CHARACTERS or not _ALL.fullmatch(lower):
        return None
    parts = [timedelta(**{_UNITS[unit]: int(count)}) for count, unit in _ONE.findall(lower)]
    total = sum(parts, timedelta())
    return min(total, LONGEST) if total else None
