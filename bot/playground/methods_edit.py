"""Edits and deletions (https://core.telegram.org/bots/api#updating-messages)."""

from dataclasses import replace
from datetime import timedelta

from bot.playground import checks, markup, wire
from bot.playground.errors import bad_request
from bot.playground.methods_send import fill_media
from bot.playground.params import Request
from bot.playground.records import Chat, Json, Message
from bot.playground.registry import method
from bot.playground.state import World

WHICH = "chat_id message_id inline_message_id reply_markup"
DELETABLE = timedelta(hours=48)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


@method("editMessageText", f"{WHICH} text parse_mode entities link_preview_options")
async def edit_text(world: World, request: Request) -> Json | bool:
    chat, message = _target(world, request)
    if message.text is None:
        raise bad_request("there is no text in the message to edit")
    text, entities = checks.text_of(request)
    return _apply(world, chat, replace(message, text=text, entities=entities), request)


@method(
    "editMessageCaption", f"{WHICH} caption parse_mode caption_entities show_caption_above_media"
)
async def edit_caption(world: World, request: Request) -> Json | bool:
    chat, message = _target(world, request)
    if message.text is not None:
        raise bad_request("there is no caption in the message to edit")
    caption, entities = checks.caption_of(request)
    above = request.get("show_caption_above_media", False)
    changed = replace(message, caption=caption or None, entities=entities, caption_above=above)
    return _apply(world, chat, changed, request)


@method("editMessageMedia", f"{WHICH} media")
async def edit_media(world: World, request: Request) -> Json | bool:
    chat, message = _target(world, request)
    item = request.need("media", "there is no media in the request")
    if not isinstance(item, dict):
        raise bad_request("can't parse InputMedia: expected an object")
    if message.inline_message_id and request.uploads:
        raise bad_request("invalid message content specified")  # by file_id or URL only
    changed = replace(message)
    await fill_media(world, request, changed, item)
    if message.media_group_id and bool(message.photo) != bool(changed.photo):
        raise bad_request("can't change media type in the album")
    _target(world, request)  # it may have been deleted while the picture was decoded
    return _apply(world, chat, changed, request)


@method("editMessageReplyMarkup", WHICH)
async def edit_reply_markup(world: World, request: Request) -> Json | bool:
    chat, message = _target(world, request)
    return _apply(world, chat, replace(message), request)


@method("deleteMessage", "chat_id message_id")
async def delete_message(world: World, request: Request) -> bool:
    chat = world.writable(request.need("chat_id", "chat_id is empty"))
    message = world.message(chat, request.get("message_id"), "message to delete not found")
    _check_deletable(world, chat, message)
    world.remove(chat, [message.message_id])
    return True


@method("deleteMessages", "chat_id message_ids")
async def delete_messages(world: World, request: Request) -> bool:
    chat = world.writable(request.need("chat_id", "chat_id is empty"))
    asked = request.need("message_ids", "message identifiers are not specified")
    found = [chat.messages[each] for each in asked if each in chat.messages]
    for message in found:
        _check_deletable(world, chat, message)
    world.remove(chat, [message.message_id for message in found])
    return True


def _target(world: World, request: Request) -> tuple[Chat, Message]:
    if "inline_message_id" in request:
        return world.inline_message(request.get("inline_message_id"))
    chat = world.writable(request.need("chat_id", "chat_id is empty"))
    wanted = request.need("message_id", "message identifier is not specified")
    message = world.message(chat, wanted, "message to edit not found")
    inline = message.reply_markup is None or "inline_keyboard" in message.reply_markup
    if message.sender is not world.bot or not inline:
        raise bad_request("message can't be edited")
    return chat, message


def _apply(world: World, chat: Chat, changed: Message, request: Request) -> Json | bool:
    """Telegram drops the keyboard of an edit that names none; so does this."""
    changed.reply_markup = markup.checked(request.get("reply_markup"), inline_only=True)
    if not changed.buttons:
        changed.reply_markup = None
    if changed == chat.messages[changed.message_id]:
        raise bad_request(NOT_MODIFIED)
    chat.messages[changed.message_id] = changed
    world.edited(chat, changed)
    return True if "inline_message_id" in request else wire.message(changed, world)


def _check_deletable(world: World, chat: Chat, message: Message) -> None:
    own = message.sender is world.bot or chat.kind == "private"
    admin = chat.members.get(world.bot.id) == "administrator"
    if not (own or admin):
        raise bad_request("message can't be deleted")
    if world.clock.now() - message.date > DELETABLE and not admin:
        raise bad_request("message can't be deleted for everyone")
