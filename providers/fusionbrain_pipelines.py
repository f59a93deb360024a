"""Which of FusionBrain's pipelines (once: models) draws for us. Never the first of the list:
that has been seen to be an older one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from providers.errors import BadAnswer, ServiceGone, Unavailable
from providers.fusionbrain_answers import NAME, REMOTE_ID

GENERATION = 3
"""Kandinsky 3.x, whatever the x."""

_KIND = "TEXT2IMAGE"
_ACTIVE = "ACTIVE"
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}")
_KANDINSKY = re.compile(r"kandinsky|кандинский", re.IGNORECASE)
_LABEL = re.compile(r"\w[\w .-]{0,39}")


@dataclass(frozen=True, slots=True)
class Pipeline:
    """version: () where the service doesn't say. active: it takes work, as far as it says."""

    id: str
    name: str
    version: tuple[int, ...]
    active: bool

    @property
    def label(self) -> str:
        return f"{self.name} {'.'.join(map(str, self.version))}".strip()

    @property
    def rank(self) -> tuple[bool, tuple[int, ...]]:
        return bool(_KANDINSKY.search(self.name)), self.version


def parse_listing(value: object) -> tuple[Pipeline, ...]:
    """Everything that makes pictures from words. Raises BadAnswer."""
    if not isinstance(value, list):
        raise BadAnswer(NAME, f"a list of pipelines that is a {type(value).__name__}")
    entries = (_pipeline(entry) for entry in value if isinstance(entry, dict))
    return tuple(entry for entry in entries if entry is not None)


def choose(pipelines: Sequence[Pipeline]) -> Pipeline:
    """The newest 3.x there is that takes work; one without a version only where none has one.

    Raises ServiceGone where there is none, Unavailable where none takes work.
    """
    fitting = [each for each in pipelines if each.version[:1] in ((), (GENERATION,))]
    if not fitting:
        raise ServiceGone(NAME, "there is no Kandinsky 3 any more")
    active = [each for each in fitting if each.active]
    if not active:
        raise Unavailable(NAME, "every Kandinsky 3 is disabled")
    return max(active, key=lambda each: each.rank)


def _pipeline(entry: dict[str, Any]) -> Pipeline | None:
    remote_id = entry.get("id", entry.get("uuid"))  # the documents print `uuid`, the service `id`
    remote_id = str(remote_id) if type(remote_id) is int else remote_id
    if not isinstance(remote_id, str) or not REMOTE_ID.fullmatch(remote_id):
        return None
    if entry.get("type") not in (None, _KIND):
        return None
    status = entry.get("status")
    names = (entry.get(key) for key in ("nameEn", "name"))
    return Pipeline(
        id=remote_id,
        name=next((name for name in names if isinstance(name, str) and _LABEL.fullmatch(name)), ""),
        version=_version(entry.get("version")),
        active=status is None or status == _ACTIVE,
    )


def _version(value: object) -> tuple[int, ...]:
    """3.1 or "3.1" as (3, 1)."""
    text = "" if isinstance(value, bool) else str(value)
    return tuple(map(int, text.split("."))) if _VERSION.fullmatch(text) else ()
