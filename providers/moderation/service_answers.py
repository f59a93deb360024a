"""Reading a moderation service's answer; pure."""

from typing import NamedTuple

from providers.moderation.base import clean_categories


class UnreadableVerdict(Exception):
    """Not an answer to `POST /moderations`."""


class Judgement(NamedTuple):
    flagged: bool
    categories: tuple[str, ...] = ()


def read_judgement(body: object) -> Judgement:
    """Of `{"results": [{"flagged": true, "categories": {"violence": true, ...}}]}`.

    `flagged` is the service's word; gateways may leave the categories out, or null.
    Raises UnreadableVerdict.
    """
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list) or not results:
        raise UnreadableVerdict("no results")
    flags = [each.get("flagged") if isinstance(each, dict) else None for each in results]
    if not all(isinstance(flag, bool) for flag in flags):
        raise UnreadableVerdict("a result without a verdict")
    if not any(flags):
        return Judgement(flagged=False)
    held = [each.get("categories") for each in results if each["flagged"]]
    names = [name for each in held if isinstance(each, dict) for name in each if each[name] is True]
    return Judgement(flagged=True, categories=clean_categories(sorted(map(str, names))))
