"""Which of the listed predictions is the one whose receipt was lost. Pure.

Whatever can't be read or compared might be it, and then nobody may say that there is none: it
would be made, and paid for, once more.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from providers.errors import BadAnswer, OutcomeUnknown
from providers.replicate_answers import NAME, REMOTE_ID, moment_of

CLOCK_SKEW = timedelta(minutes=5)
"""How far the service's clock may be behind ours. Ahead it may be as far as it likes."""

KEPT_ELSEWHERE = frozenset({"image"})
"""Inputs that need not be listed as they were sent: files are put into a store of the service's."""

_VERSION = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """input: None once the service has removed its data."""

    id: str
    version: str
    created: datetime
    input: Mapping[str, object] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """The newest come first; `next` is the address of those before them."""

    predictions: tuple[Listed, ...]
    next: str | None


def parse_page(value: object) -> Page:
    """Raises BadAnswer."""
    results = value.get("results") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(results, list):
        raise BadAnswer(NAME, "a list without results")
    following = value.get("next")
    if following is not None and not isinstance(following, str):
        raise BadAnswer(NAME, f"a next page that is a {type(following).__name__}")
    return Page(tuple(_listed(each) for each in results), following or None)


def lost_one(
    listed: Sequence[Listed],
    payload: Mapping[str, object],
    *,
    since: datetime,
    known: Collection[str],
) -> str | None:
    """The id of the prediction this payload made at `since`, None where there surely is none.

    Of several the one with the least added to it, then the nearest in time. Raises OutcomeUnknown.
    """
    candidates = [
        each
        for each in listed
        if _may_be_version(each.version, payload["version"])
        and each.id not in known
        and each.created >= since - CLOCK_SKEW
    ]
    asked = payload["input"]
    assert isinstance(asked, Mapping)  # noqa: S101 - our own payload
    same = [
        (len(each.input), abs(each.created - since), each.id)
        for each in candidates
        if each.input and _is_same(each.input, asked)
    ]
    if same:
        return min(same)[-1]
    if any(not each.input for each in candidates):
        raise OutcomeUnknown(NAME, "a listed prediction whose input was removed")
    return None


def _may_be_version(listed: str, asked: object) -> bool:
    """Not every prediction is listed with its version: some are `hidden`, some say `dp-...`."""
    return listed == asked or not _VERSION.fullmatch(listed)


def _is_same(listed: Mapping[str, object], asked: Mapping[str, object]) -> bool:
    """Every wish as it was sent; what the service has added counts for nothing."""
    return all(
        listed.get(name) == value
        or (name in KEPT_ELSEWHERE and not str(listed.get(name, "")).startswith("data:"))
        for name, value in asked.items()
    )


def _listed(value: object) -> Listed:
    if not isinstance(value, dict):
        raise BadAnswer(NAME, f"a listed prediction that is a {type(value).__name__}")
    remote_id, version, asked = value.get("id"), value.get("version"), value.get("input")
    created = moment_of(value.get("created_at"))
    if not isinstance(remote_id, str) or not REMOTE_ID.fullmatch(remote_id) or created is None:
        raise BadAnswer(NAME, "a listed prediction without a usable id or time")
    removed = value.get("data_removed") is True or not isinstance(asked, dict)
    return Listed(
        id=remote_id,
        version=version if isinstance(version, str) else "",
        created=created,
        input=None if removed else asked,
    )
