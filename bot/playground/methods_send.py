"""Messages the bot sends (https://core.telegram.org/bots/api#sendmessage and its kin)."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.playground import checks, markup, whispers, wire
from bot.playground.errors import bad_request
from bot.playground.media import document_of, photo_of
from bot.playground.params import Request
from bot.playground.records import Chat, Json, Message, StoredFile, names
from bot.playground.registry import method
from bot.playground.state import World

COMMON = "chat_id message_thread_id disable_notification protect_content reply_parameters"
CAPTION = "caption parse_mode caption_entities"
MIN_ALBUM, MAX_ALBUM = 2, 10
MEDIA_FIELDS = names(
    "type media caption parse_mode caption_entities show_caption_above_media has_spoiler "
    "disable_content_type_detection"
)


@method(
    "sendMessage",
    f"{COMMON} text parse_mode entities link_preview_options reply_markup "
    "ephemeral_message_parameters",
)
async def send_message(world: World, request: Request) -> Json:
    chat, message = draft(world, request)
    message.receiver = whispers.receiver_of(world, request, chat)
    message.text, message.entities = checks.text_of(request)
    return _sent(world, chat, message)


@method("sendPhoto", f"{COMMON} {CAPTION} photo show_caption_above_media has_spoiler reply_markup")
async def send_photo(world: World, request: Request) -> Json:
    chat, message = draft(world, request)
    set_caption(message, request)
    message.photo = await photo_of(world, request, "photo", request.get("photo"))
    message.has_spoiler = request.get("has_spoiler", False)
    return _sent(world, chat, message)


@method("sendDocument", f"{COMMON} {CAPTION} document disable_content_type_detection reply_markup")
async def send_document(world: World, request: Request) -> Json:
    chat, message = draft(world, request)
    set_caption(message, request)
    message.document = await document_of(world, request, "document", request.get("document"))
    return _sent(world, chat, message)


@method(
    "copyMessage",
    f"{COMMON} {CAPTION} from_chat_id message_id show_caption_above_media reply_markup",
)
async def copy_message(world: World, request: Request) -> Json:
    source = world.writable(request.need("from_chat_id", "from_chat_id is empty"))
    chat, message = draft(world, request)
    original = world.message(source, request.get("message_id"), "message to copy not found")
    if original.service:
        raise bad_request("message can't be copied")
    message.text, message.photo, message.document = (
        original.text,
        original.photo,
        original.document,
    )
    message.caption, message.entities = original.caption, list(original.entities)
    message.has_spoiler, message.caption_above = original.has_spoiler, original.caption_above
    if original.text is None and request.get("caption") is not None:
        set_caption(message, request)
    return {"message_id": _sent(world, chat, message)["message_id"]}


@method("sendMediaGroup", f"{COMMON} media")
async def send_media_group(world: World, request: Request) -> list[Json]:
    items = request.need("media", "there are no messages to send")
    if not isinstance(items, list) or not MIN_ALBUM <= len(items) <= MAX_ALBUM:
        raise bad_request(f"an album has {MIN_ALBUM} to {MAX_ALBUM} items")
    if len({item.get("type") for item in items}) != 1:
        raise bad_request("photos and documents can't be mixed in one album")
    group_id = str(world.number())
    drafts = []
    for item in items:
        chat, message = draft(world, request)
        message.media_group_id = group_id
        await fill_media(world, request, message, item)
        drafts.append((chat, message))
    return [_sent(world, chat, message) for chat, message in drafts]


async def fill_media(world: World, request: Request, message: Message, item: Json) -> None:
    """Give `message` the media and caption an InputMediaPhoto or InputMediaDocument describes."""
    checks.no_strangers(item, MEDIA_FIELDS, "the media")
    readers: dict[str, Callable[..., Awaitable[StoredFile]]] = {
        "photo": photo_of,
        "document": document_of,
    }
    kind = str(item.get("type"))
    if kind not in readers:
        raise bad_request("the playground shows media of type photo and document only")
    stored = await readers[kind](world, request, "media", item.get("media"))
    set_caption(message, item)
    message.text = None
    message.photo = stored if kind == "photo" else None
    message.document = stored if kind == "document" else None
    message.has_spoiler = bool(item.get("has_spoiler"))


def draft(world: World, request: Request) -> tuple[Chat, Message]:
    """The chat, and the bot's message to be, with all that sends have in common checked."""
    chat = world.writable(request.need("chat_id", "chat_id is empty"))
    if chat.kind == "channel" and chat.members[world.bot.id] != "administrator":
        raise bad_request("need administrator rights in the channel chat")
    message = Message(
        message_id=0,
        chat_id=chat.id,
        sender=world.bot,
        date=world.clock.now(),
        thread_id=checks.thread_of(request, chat),
        reply_to_message_id=checks.reply_of(request, chat, world),
        reply_markup=markup.checked(request.get("reply_markup")),
    )
    return chat, message


def set_caption(message: Message, source: Any) -> None:
    caption, message.entities = checks.caption_of(source)
    message.caption = caption or None
    message.caption_above = bool(source.get("show_caption_above_media"))


def _sent(world: World, chat: Chat, message: Message) -> Json:
    world.actions.pop(chat.id, None)
    if message.receiver is not None:
        return wire.message(whispers.keep(world, chat, message), world)
    return wire.message(world.add_message(chat, message), world)
