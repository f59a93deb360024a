"""Regular expressions that an owner may write: a part of Python's, in which none can take long.

Without `*` and `+` a pattern says only so many different things; how many bounds the work at each
place of the text, so that no text can make it slow.
"""

import re

MOST_WAYS = 1000
"""Different ways through one pattern."""

MOST_REPEATS = 30

_PART = re.compile(
    r"(?P<atom>\\[dws\\.\-?/()|{}\[\]]|\[\^?(?:\\.|[^\]\\\[])+\]|[^\\*+?|(){}\[\]])"
    r"|(?P<edge>\\b)|(?P<open>\(\?:|\((?!\?))|(?P<close>\))|(?P<either>\|)"
    r"|(?P<maybe>\?)|\{(?P<least>\d{1,2})(?:,(?P<most>\d{1,2}))?\}"
)
_REPEATS = ("maybe", "least", "most")


class BadPattern(Exception):
    """Says what is wrong with it, on one line."""


def compile_pattern(source: str) -> re.Pattern[str]:
    """For whole words of folded text. Raises BadPattern."""
    if _ways(source) > MOST_WAYS:
        raise BadPattern("the pattern says too many different things, split it")
    try:
        pattern = re.compile(rf"\b(?:{source})\b")
        is_empty = re.fullmatch(source, "") is not None
    except re.error as error:
        raise BadPattern(f"not a regular expression: {error.msg}") from None
    if is_empty:
        raise BadPattern("the pattern fits everything")
    return pattern


def _ways(source: str) -> int:
    """At least as many as there are ways to match. Raises BadPattern for what isn't allowed here."""
    ways, place, before = 1, 0, ""
    alternatives = [1]  # of each group that is open
    while place < len(source):
        part = _PART.match(source, place)
        if part is None:
            raise BadPattern(f"{source[place]!r} can't be used here")
        kind = part.lastgroup or ""
        ways *= _repeats(part, before) if kind in _REPEATS else _branches(kind, alternatives)
        place, before = part.end(), kind
    return ways * alternatives[0]


def _branches(kind: str, alternatives: list[int]) -> int:
    match kind:
        case "open":
            alternatives.append(1)
        case "either":
            alternatives[-1] += 1
        case "close" if len(alternatives) > 1:
            return alternatives.pop()
        case "close":
            raise BadPattern("a bracket too many")
        case _:
            pass
    return 1


def _repeats(part: re.Match[str], before: str) -> int:
    if before not in ("atom", "close"):
        raise BadPattern("a repeat with nothing to repeat")
    if part.lastgroup == "maybe":
        return 2
    least = int(part["least"])
    most = int(part["most"] or least)
    if before == "close" or most > MOST_REPEATS:
        raise BadPattern(f"only a letter or a set can be repeated, up to {MOST_REPEATS} times")
    return most - least + 1
