"""Who judges a prompt before anything is spent on it, and the words for the verdict's parts."""

import re
from collections.abc import Iterable
from typing import Protocol

from providers.types import Verdict

WORD_LIST = "rules"
"""The source of a verdict by this bot's own word lists."""

SERVICE = "moderation"
"""The source of a verdict by the moderation service the owner has chosen."""

MAX_CATEGORIES = 8
_CATEGORY = re.compile(r"[a-z0-9/_-]{1,40}")


class PromptModerator(Protocol):
    """`source` is who its verdicts say they are from."""

    source: str

    async def check(self, prompt: str) -> Verdict:
        """Allowed, blocked with categories, or unchecked where it can't tell now; stage `prompt`.

        Never raises, and never takes longer than a few seconds.
        """
        ...

    async def aclose(self) -> None: ...


def clean_categories(names: Iterable[object]) -> tuple[str, ...]:
    """Those that are a category's name and nothing else: they come from outside, and are shown."""
    lowered = (name.lower() for name in names if isinstance(name, str))
    clean = dict.fromkeys(name for name in lowered if _CATEGORY.fullmatch(name))
    return tuple(clean)[:MAX_CATEGORIES]
