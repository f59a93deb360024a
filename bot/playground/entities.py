"""Telegram's HTML parse mode: markup in, plain text and entities out, faults in Telegram's words.

https://core.telegram.org/bots/api#html-style
"""

import html
import re
from dataclasses import dataclass

from bot.playground.errors import ApiError, bad_request
from bot.playground.records import Json

SIMPLE = {
    "b": "bold", "strong": "bold",
    "i": "italic", "em": "italic",
    "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
SUPPORTED = frozenset(SIMPLE) | {"a", "span", "tg-emoji"}
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+)))?")
ESCAPE = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
WORDS = re.compile(
    r"(?P<bot_command>(?<![\w/<>])/[a-zA-Z0-9_]{1,32}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>]))"
    r"|(?P<mention>(?<!\w)@[a-zA-Z0-9_]{3,32})"
    r"|(?P<url>https?://[^\s<>\"]+)"
)


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def found_in(text: str) -> list[Json]:
    """The commands, mentions and links Telegram marks by itself in what people write."""
    return [
        _entity(str(match.lastgroup), text[: match.start()], match.group())
        for match in WORDS.finditer(text)
    ]


def parse_html(markup: str) -> tuple[str, list[Json]]:
    """The text without its tags, trimmed, and its entities (offsets in UTF-16 units).

    Raises:
        ApiError: 400 "can't parse entities: ..." for what Telegram would not parse.
    """
    return _Parser(markup).parse()


@dataclass(slots=True)
class _Open:
    tag: str
    entity: Json
    starts_at: int


class _Parser:
    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._text = ""
        self._open: list[_Open] = []
        self._entities: list[Json] = []

    def parse(self) -> tuple[str, list[Json]]:
        at = 0
        while at < len(self._markup):
            at = self._tag(at) if self._markup[at] == "<" else self._words(at)
        if self._open:
            raise _fault(f'Can\'t find end tag corresponding to start tag "{self._open[-1].tag}"')
        return _trimmed(self._text, self._entities)

    def _words(self, at: int) -> int:
        end = self._markup.find("<", at)
        end = len(self._markup) if end < 0 else end
        self._text += ESCAPE.sub(lambda match: html.unescape(match.group()), self._markup[at:end])
        return end

    def _tag(self, at: int) -> int:
        match = TAG.match(self._markup, at)
        if not match:
            raise _fault(self._malformed(at))
        closing, name, rest = match.groups()
        if closing:
            self._close(name.lower(), at)
        else:
            self._start(name.lower(), rest, at)
        return match.end()

    def _malformed(self, at: int) -> str:
        name = re.match(r"</?([^\s>]*)", self._markup[at:])
        word = name.group(1).lower() if name else ""
        if word in SUPPORTED:
            return f"Unclosed start tag at byte offset {self._byte(at)}"
        return f'Unsupported start tag "{word}" at byte offset {self._byte(at)}'

    def _start(self, tag: str, rest: str, at: int) -> None:
        if tag not in SUPPORTED:
            raise _fault(f'Unsupported start tag "{tag}" at byte offset {self._byte(at)}')
        attributes = {
            name.lower(): html.unescape(double or single or bare or "")
            for name, double, single, bare in ATTRIBUTE.findall(rest)
        }
        self._open.append(_Open(tag, self._entity(tag, attributes, at), len(self._text)))

    def _entity(self, tag: str, attributes: dict[str, str], at: int) -> Json:
        if tag == "a":
            return {"type": "text_link", "url": attributes.get("href", "")}
        if tag == "tg-emoji":
            return {"type": "custom_emoji", "custom_emoji_id": attributes.get("emoji-id", "")}
        if tag == "span":
            if attributes.get("class") != "tg-spoiler":
                words = f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(at)}'
                raise _fault(words)
            return {"type": "spoiler"}
        if tag == "blockquote" and "expandable" in attributes:
            return {"type": "expandable_blockquote"}
        return {"type": SIMPLE[tag]}

    def _close(self, tag: str, at: int) -> None:
        if not self._open:
            raise _fault(f"Unexpected end tag at byte offset {self._byte(at)}")
        opened = self._open.pop()
        if opened.tag != tag:
            raise _fault(
                f"Unmatched end tag at byte offset {self._byte(at)}, "
                f'expected "</{opened.tag}>", found "</{tag}>"'
            )
        inside = self._text[opened.starts_at :]
        entity = opened.entity | _span(self._text[: opened.starts_at], inside)
        if inside and entity.get("url", "-"):
            self._entities.append(entity)

    def _byte(self, at: int) -> int:
        return len(self._markup[:at].encode())


def _fault(words: str) -> ApiError:
    return bad_request(f"can't parse entities: {words}")


def _span(before: str, inside: str) -> Json:
    return {"offset": utf16_length(before), "length": utf16_length(inside)}


def _entity(kind: str, before: str, inside: str) -> Json:
    return {"type": kind, **_span(before, inside)}


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Telegram cuts white space from both ends; entities follow, and empty ones go."""
    lead = utf16_length(text) - utf16_length(text.lstrip())
    clean = text.strip()
    size = utf16_length(clean)
    kept = []
    for entity in sorted(entities, key=lambda each: (each["offset"], -each["length"])):
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, size)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return clean, kept
