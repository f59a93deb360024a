"""What a message must satisfy before the chat shows it; each refusal is Telegram's."""

from typing import Any

from bot.playground.entities import found_in, parse_html, utf16_length
from bot.playground.errors import ApiError, bad_request
from bot.playground.params import Request
from bot.playground.records import Chat, Json
from bot.playground.state import World

MAX_TEXT = 4096
MAX_CAPTION = 1024

Formatted = tuple[str, list[Json]]


def text_of(request: Request) -> Formatted:
    """`text` with its markup parsed: 1 to 4096 UTF-16 units.

    Raises:
        ApiError: 400 for an empty, too long or unparsable text.
    """
    raw = request.need("text", "message text is empty")
    text, entities = formatted(raw, request.get("parse_mode"), request.get("entities"))
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text, entities


def caption_of(source: Request | Json) -> Formatted:
    """`caption` with its markup parsed: up to 1024 UTF-16 units; a request's or a media item's."""
    raw = source.get("caption") or ""
    text, entities = formatted(raw, source.get("parse_mode"), source.get("caption_entities"))
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text, entities


def formatted(raw: Any, parse_mode: Any, entities: Any) -> Formatted:
    if not isinstance(raw, str):
        raise bad_request("text must be a String")
    if parse_mode and str(parse_mode).lower() != "html":
        raise bad_request("unsupported parse_mode")
    if parse_mode:
        text, parsed = parse_html(raw)
    else:
        text, parsed = raw.strip(), _given(entities or [], raw)
    return text, sorted([*parsed, *_automatic(text, parsed)], key=lambda each: int(each["offset"]))


def _given(entities: list[Json], raw: str) -> list[Json]:
    size = utf16_length(raw)
    for entity in entities:
        if not 0 <= entity.get("offset", -1) < entity["offset"] + entity.get("length", 0) <= size:
            raise bad_request("can't parse entities: entity is out of the text")
    return entities


def _automatic(text: str, parsed: list[Json]) -> list[Json]:
    """Commands, mentions and links, where no code or link of the bot's own covers them."""
    covered = [each for each in parsed if each["type"] in ("code", "pre", "text_link")]
    return [
        found
        for found in found_in(text)
        if not any(
            each["offset"] <= found["offset"] < each["offset"] + each["length"] for each in covered
        )
    ]


def thread_of(request: Request, chat: Chat) -> int | None:
    """`message_thread_id`, if it names an open topic of this chat.

    Raises:
        ApiError: 400 "message thread not found": also for the General topic's 1 and for the
            reply threads of a group that is no forum.
    """
    thread_id: int | None = request.get("message_thread_id")
    if thread_id and thread_id not in chat.topics:
        raise bad_request("message thread not found")
    return thread_id


def reply_of(request: Request, chat: Chat, world: World) -> int | None:
    """The id of the message to reply to, or None: not asked for, or gone and allowed to be.

    Raises:
        ApiError: 400 "message to be replied not found", or for a quote that is not in it.
    """
    reply: Json | None = request.get("reply_parameters")
    if not reply or "ephemeral_message_id" in reply:  # `whispers` sees to that
        return None
    if reply.get("chat_id", chat.id) != chat.id:
        raise bad_request("the playground replies within one chat only")
    try:
        target = world.message(chat, reply.get("message_id"), "message to be replied not found")
    except ApiError:
        if reply.get("allow_sending_without_reply"):
            return None
        raise
    if reply.get("quote") and reply["quote"] not in target.words:
        raise bad_request("QUOTE_TEXT_INVALID")
    return target.message_id


def no_strangers(names: Any, known: frozenset[str], where: str) -> None:
    """Telegram ignores what it does not know; the playground refuses it, for the bot's own good."""
    strangers = sorted(set(names) - known)
    if strangers:
        raise bad_request(f'unknown parameter "{strangers[0]}" in {where}')
