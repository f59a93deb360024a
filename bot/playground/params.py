"""Reads a Bot API request, however it was encoded, into typed parameters.

Telegram takes JSON bodies, forms and multipart; aiogram sends forms, with objects as JSON inside.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from bot.playground.errors import ApiError, bad_request
from bot.playground.records import Json, names

INTEGERS = names(
    "message_id message_thread_id offset limit timeout user_id max_connections cache_time"
)
BOOLEANS = names(
    "disable_notification protect_content show_alert has_spoiler show_caption_above_media "
    "drop_pending_updates is_big disable_content_type_detection return_bots is_personal"
)
OBJECTS = names(
    "reply_markup reply_parameters link_preview_options scope ephemeral_message_parameters button result"
)
LISTS = names("entities caption_entities allowed_updates commands reaction message_ids results")
MAX_UPLOAD = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content: bytes


@dataclass(slots=True)
class Request:
    """A method's parameters, decoded, and the files that came with them by part name."""

    params: Json
    uploads: dict[str, Upload] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.params

    def get(self, name: str, default: Any = None) -> Any:
        return self.params.get(name, default)

    def need(self, name: str, words: str) -> Any:
        if self.params.get(name) in (None, ""):
            raise bad_request(words)
        return self.params[name]


async def read(request: web.Request) -> Request:
    """The request's parameters: query, then body.

    Raises:
        ApiError: 400 for a value that does not parse, 413 for a body Telegram would not take.
    """
    raw: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        raw |= await _json_body(request)
    elif request.content_type.startswith("multipart/"):
        await _multipart_body(request, raw, uploads)
    elif request.can_read_body:
        raw |= dict(await request.post())
    return Request({name: decode(name, value) for name, value in raw.items()}, uploads)


async def _json_body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError as error:
        raise bad_request("can't parse request JSON object") from error
    if not isinstance(body, dict):
        raise bad_request("can't parse request JSON object")
    return body


async def _multipart_body(request: web.Request, raw: Json, uploads: dict[str, Upload]) -> None:
    taken = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise bad_request("can't parse multipart body")
        content = bytes(await part.read())
        taken += len(content)
        if taken > MAX_UPLOAD:
            raise ApiError(413, "Request Entity Too Large")
        if part.filename is None:
            raw[part.name] = content.decode()
        else:
            uploads[part.name] = Upload(part.filename, content)


def decode(name: str, value: Any) -> Any:
    """A parameter's value as its kind says; text in a form becomes a number, a flag or an object."""
    try:
        if name in INTEGERS:
            return int(value)
        if name in ("chat_id", "from_chat_id"):
            return int(value) if str(value).lstrip("-").isdigit() else value
        if name in BOOLEANS:
            return _flag(value)
        if name in OBJECTS or name in LISTS or name == "media":
            return _object(name, value)
    except (TypeError, ValueError) as error:
        raise bad_request(f"can't parse parameter {name}") from error
    return value


def _flag(value: object) -> bool:
    if str(value).lower() in ("true", "1"):
        return True
    if str(value).lower() in ("false", "0", ""):
        return False
    raise ValueError(value)


def _object(name: str, value: Any) -> Any:
    found = json.loads(value) if isinstance(value, str) else value
    wanted = list if name in LISTS else (dict, list) if name == "media" else dict
    if not isinstance(found, wanted):
        raise TypeError(name)
    return found
