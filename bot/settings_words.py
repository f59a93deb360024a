"""Settings that are lists: how their words are read. What can't be read raises ValueError."""

import re
from urllib.parse import unquote

from providers.registry import KNOWN_PROVIDERS

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")


def words(value: str) -> tuple[str, ...]:
    return tuple(word.strip().lower() for word in value.split(",") if word.strip())


def parse_pairs(value: str) -> dict[str, str]:
    pairs = [word.partition("=") for word in value.split(",") if word.strip()]
    if not all(separator for _, separator, _ in pairs):
        raise ValueError(
            "must be pairs separated by commas, like kandinsky-2.1=kandinsky2.1-txt2img"
        )
    return {name.strip().lower(): slug.strip() for name, _, slug in pairs}


def parse_rates(value: str) -> dict[str, str]:
    rates = dict(word.partition("=")[::2] for word in words(value))
    for name in rates:
        if name not in KNOWN_PROVIDERS:
            raise ValueError(f"{name!r} is no provider; there is {', '.join(KNOWN_PROVIDERS)}")
    return rates


def parse_ids(value: str) -> frozenset[int]:
    try:
        return frozenset(int(word) for word in words(value))
    except ValueError:
        raise ValueError("must be Telegram ids separated by commas, like 123,456") from None


def parse_headers(value: str) -> dict[str, str]:
    """As OpenTelemetry writes them: `name=value,name=value`, with %20 for a blank."""
    pairs = [word.partition("=") for word in value.split(",") if word.strip()]
    headers = {name.strip().lower(): unquote(text).strip() for name, _, text in pairs}
    if not all(HEADER_NAME.fullmatch(name) for name in headers) or not all(
        text.isascii() and text.isprintable() for text in headers.values()
    ):
        raise ValueError("must be headers separated by commas, like authorization=Bearer%20...")
    return headers
