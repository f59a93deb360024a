"""What a picture classifier's labels mean to us, and how sure it must be. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from providers.types import UNCHECKED, Verdict, VerdictStatus

THRESHOLD = 0.5
"""The share (0 to 1) from which labels of one kind, taken together, decide."""

BLOCKED = frozenset(
    {
        "nsfw",
        "unsafe",
        "not safe",
        "not safe for work",
        "porn",
        "pornography",
        "pornographic",
        "hentai",
        "sexy",
        "sexual",
        "sexually explicit",
        "enticing or sensual",
        "explicit",
        "explicit content",
        "adult",
        "adult content",
        "nude",
        "nudity",
        "violence",
        "violent",
        "gore",
        "gory",
        "blood",
        "bloody",
    }
)
SENSITIVE = BLOCKED - {
    "unsafe",
    "not safe",
    "violence",
    "violent",
    "gore",
    "gory",
    "blood",
    "bloody",
}
"""Of these, what some chats may see; the others may stand for anything."""

WORSE = 0.1
"""The share from which blocked labels that aren't sensitive alone count beside those that are."""

ALLOWED = frozenset(
    {
        "sfw",
        "safe",
        "safe for work",
        "normal",
        "normal sfw",
        "anime sfw",
        "anime picture",
        "neutral",
        "drawing",
        "drawings",
        "non violence",
        "non violent",
        "nonviolence",
        "nonviolent",
    }
)
"""Labels in small letters, with blanks for `_` and `-`. Any other label says nothing to us."""

SOURCE = "local"
"""Who says so: a model of ours, not a service."""

SHOWN = 10
"""Labels repeated in a complaint; ImageNet's classifiers have a thousand."""


class UnknownLabels(ValueError):
    """A classifier that can't tell what we ask. The message is the end of a line."""


@dataclass(frozen=True, slots=True)
class Labels:
    """A classifier's labels, in the order of its outputs.

    exclusive: the shares add up to 1 (softmax); else each label stands for itself (sigmoid).
    """

    names: tuple[str, ...]
    exclusive: bool

    def __post_init__(self) -> None:
        """Raises UnknownLabels where no picture could be blocked, or none be allowed."""
        can_block = any(_plain(name) in BLOCKED for name in self.names)
        can_allow = not self.exclusive or any(_plain(name) in ALLOWED for name in self.names)
        if not (can_block and can_allow):
            shown = ", ".join(self.names[:SHOWN]) + (", ..." if len(self.names) > SHOWN else "")
            raise UnknownLabels(f"its labels don't tell safe from unsafe: {shown}")

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Labels":
        """From a transformers model's configuration. Raises UnknownLabels."""
        labels = config.get("id2label")
        if not isinstance(labels, Mapping) or not labels:
            raise UnknownLabels("its config.json names no labels (id2label)")
        return cls(
            tuple(str(labels[number]) for number in sorted(labels, key=int)),
            exclusive=config.get("problem_type") != "multi_label_classification",
        )

    def verdict(self, shares: Sequence[float]) -> Verdict:
        """What the labels' shares, each from 0 to 1, come to.

        A picture that is neither clearly unsafe nor clearly harmless is unchecked.
        """
        found = dict(zip(self.names, shares, strict=True))
        if not all(map(isfinite, shares)):
            return UNCHECKED
        blocked = {name: share for name, share in found.items() if _plain(name) in BLOCKED}
        allowed = [share for name, share in found.items() if _plain(name) in ALLOWED]
        rest = [share for name, share in found.items() if _plain(name) not in BLOCKED | ALLOWED]
        if self._together(blocked.values()) >= THRESHOLD:
            worse = [share for name, share in blocked.items() if _plain(name) not in SENSITIVE]
            category = max(blocked, key=lambda name: blocked[name]).lower()
            return blocked_for(category, sensitive=self._together(worse) < WORSE)
        if self.exclusive:
            harmless = self._together(allowed) >= THRESHOLD
        else:
            harmless = self._together(rest) < THRESHOLD
        return ALLOWED_VERDICT if harmless else UNCHECKED

    def _together(self, shares: Collection[float]) -> float:
        return sum(shares) if self.exclusive else max(shares, default=0.0)


ALLOWED_VERDICT = Verdict(VerdictStatus.ALLOWED, "image", SOURCE)


def blocked_for(category: str, *, sensitive: bool = False) -> Verdict:
    return Verdict(VerdictStatus.BLOCKED, "image", SOURCE, (category,), sensitive)


def _plain(label: str) -> str:
    return re.sub(r"[\s_-]+", " ", label).strip().lower()
