"""Inline and guest mode: results for what people type after the bot's name, in any chat.

https://core.telegram.org/bots/api#inline-mode
"""

import re
from datetime import timedelta
from typing import Any

from bot.playground import checks, markup
from bot.playground.errors import bad_request
from bot.playground.methods_callback import QUERY_GONE
from bot.playground.params import Request
from bot.playground.records import InlineAnswer, InlineResult, Json, Message, StoredFile, names
from bot.playground.registry import method
from bot.playground.state import World

ANSWER_WITHIN = timedelta(seconds=10)
MAX_RESULTS = 50
MAX_BYTES = 64  # of a result's id, and of an offset
MAX_TEXT = 4096
START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
ARTICLE = names(
    "type id title input_message_content reply_markup url description thumbnail_url "
    "thumbnail_width thumbnail_height"
)
CACHED_PHOTO = names(
    "type id photo_file_id title description caption parse_mode caption_entities "
    "show_caption_above_media reply_markup input_message_content"
)
TEXT_CONTENT = names("message_text parse_mode entities link_preview_options")


@method("answerInlineQuery", "inline_query_id results cache_time is_personal next_offset button")
async def answer_inline_query(world: World, request: Request) -> bool:
    query = world.inline_queries.get(str(request.get("inline_query_id")))
    if query is None or query.answer or world.clock.now() - query.asked_at > ANSWER_WITHIN:
        raise bad_request(QUERY_GONE)
    items = request.get("results", [])
    if len(items) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len(str(request.get("next_offset", "")).encode()) > MAX_BYTES:
        raise bad_request("NEXT_OFFSET_INVALID")
    results = [read_result(world, item) for item in items]
    if len({result.id for result in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    button = request.get("button")
    if button is not None:
        _check_button(button)
    query.answer = InlineAnswer({result.id: result for result in results}, button)
    return True


@method("answerGuestQuery", "guest_query_id result")
async def answer_guest_query(world: World, request: Request) -> Json:
    query = world.guest_queries.get(str(request.get("guest_query_id")))
    if query is None or query.answered:
        raise bad_request(QUERY_GONE)
    result = read_result(world, request.need("result", "result is empty"))
    chat = world.chats[query.chat_id]
    summons = chat.messages.get(query.message_id)
    message = result.message
    message.chat_id = chat.id
    message.sender, message.reply_markup = world.bot, result.reply_markup
    if summons is not None:
        message.guest_of = summons.sender
        message.reply_to_message_id = summons.message_id
        message.thread_id = summons.thread_id if summons.is_topic_message else None
    message.inline_message_id = world.inline_id()
    query.answered = True
    world.add_message(chat, message)
    return {"inline_message_id": message.inline_message_id}


def read_result(world: World, item: Any) -> InlineResult:
    """Raises ApiError 400 for a result Telegram would refuse, or one the playground can't show."""
    if not isinstance(item, dict):
        raise bad_request("can't parse inline query result: expected an object")
    kinds = {"article": ARTICLE, "photo": CACHED_PHOTO}
    kind = item.get("type")
    if kind not in kinds or (kind == "photo" and "photo_file_id" not in item):
        raise bad_request("the playground shows articles and photos by file_id only")
    checks.no_strangers(item, kinds[kind], "the inline query result")
    if not 1 <= len(str(item.get("id", "")).encode()) <= MAX_BYTES:
        raise bad_request("RESULT_ID_INVALID")
    if kind == "article" and not (item.get("title") and item.get("input_message_content")):
        raise bad_request("can't parse inline query result: title and content are needed")
    return InlineResult(
        id=str(item["id"]),
        title=item.get("title", ""),
        description=item.get("description", ""),
        message=_message(world, item),
        reply_markup=markup.checked(item.get("reply_markup"), inline_only=True),
    )


def _message(world: World, item: Json) -> Message:
    message = Message(0, 0, world.bot, world.clock.now())
    content = item.get("input_message_content")
    if content is not None:
        checks.no_strangers(content, TEXT_CONTENT, "the input message content")
        message.text, message.entities = _text(content)
    if "photo_file_id" in item:
        photo = _photo(world, item["photo_file_id"])
        if content is None:
            caption, message.entities = checks.caption_of(item)
            message.photo, message.caption = photo, caption or None
            message.caption_above = bool(item.get("show_caption_above_media"))
    return message


def _text(content: Json) -> checks.Formatted:
    raw = content.get("message_text", "")
    text, entities = checks.formatted(raw, content.get("parse_mode"), content.get("entities"))
    if not 1 <= len(text) <= MAX_TEXT:
        raise bad_request("MESSAGE_EMPTY" if not text else "MESSAGE_TOO_LONG")
    return text, entities


def _photo(world: World, file_id: object) -> StoredFile:
    if str(file_id) not in world.photos:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return world.photos[str(file_id)]


def _check_button(button: Json) -> None:
    checks.no_strangers(button, names("text start_parameter"), "the button")
    if not button.get("text"):
        raise bad_request("BUTTON_TEXT_INVALID")
    if not START_PARAMETER.fullmatch(str(button.get("start_parameter", ""))):
        raise bad_request("START_PARAM_INVALID")
