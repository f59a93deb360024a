"""As long as Telegram takes it: markup taken away, text cut in its own measure."""

import re
from html import unescape

TOAST_LIMIT = 200  # characters of the answer to a button (Bot API, answerCallbackQuery)


def plain(html: str) -> str:
    """Without markup, and short enough for the answer to a button."""
    return shorten(visible(html), TOAST_LIMIT)


def visible(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


def utf16_length(text: str) -> int:
    """As Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def shorten(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, Telegram's own measure, never half a character."""
    if utf16_length(text) <= limit:
        return text
    return text.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", "ignore").rstrip() + "…"
