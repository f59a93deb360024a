"""The records as Bot API objects (https://core.telegram.org/bots/api#available-types)."""

from datetime import datetime
from typing import Any

from bot.playground.records import Chat, Json, Message, Status, StoredFile, User, names
from bot.playground.state import World

RIGHTS = names(
    "can_manage_chat can_delete_messages can_manage_video_chats can_restrict_members "
    "can_promote_members can_change_info can_invite_users can_post_stories can_edit_stories "
    "can_delete_stories can_pin_messages can_manage_topics can_send_welcome_messages"
)
STORY_RIGHTS = frozenset({"can_post_stories", "can_edit_stories", "can_delete_stories"})


def unix(moment: datetime) -> int:
    return int(moment.timestamp())


def user(person: User) -> Json:
    facts: Json = {
        "id": person.id,
        "is_bot": person.is_bot,
        "first_name": person.first_name,
        "username": person.username,
    }
    if not person.is_bot:
        facts["language_code"] = person.language_code
    if person.is_premium:
        facts["is_premium"] = True
    return facts


def chat(place: Chat, world: World) -> Json:
    facts: Json = {"id": place.id, "type": place.kind}
    if place.kind == "private":
        person = world.users[place.id]
        return facts | {"first_name": person.first_name, "username": person.username}
    facts["title"] = place.title
    if place.is_forum:
        facts["is_forum"] = True
    return facts


def photo_sizes(photo: StoredFile) -> list[Json]:
    """Smallest first, as Telegram lists them."""
    return [_picture(each) for each in (*photo.smaller, photo)]


def _file(stored: StoredFile) -> Json:
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
    }


def _picture(stored: StoredFile) -> Json:
    return _file(stored) | {"width": stored.width, "height": stored.height}


def document(stored: StoredFile) -> Json:
    facts = _file(stored) | {"file_name": stored.name, "mime_type": stored.media_type}
    if stored.smaller:
        facts["thumbnail"] = _picture(stored.smaller[0])
    return facts


def file(stored: StoredFile) -> Json:
    return _file(stored) | {"file_path": stored.path}


def message(said: Message, world: World, with_reply: bool = True) -> Json:
    """The message as the bot sees it; a replied-to message is nested one level deep."""
    place = world.chats[said.chat_id]
    facts: Json = {
        "message_id": said.message_id,
        **_sender(said, place, world),
        "chat": chat(place, world),
        "date": unix(said.date),
        **_content(said),
        **_extras(said),
    }
    replied = place.messages.get(said.reply_to_message_id or 0)
    if with_reply and replied:
        facts["reply_to_message"] = message(replied, world, with_reply=False)
    return facts


def _sender(said: Message, place: Chat, world: World) -> Json:
    """Posts in a channel are the channel's, whoever wrote them."""
    if place.kind == "channel":
        return {"sender_chat": chat(place, world)}
    facts: Json = {"from": user(said.sender)}
    if said.sender_chat_id is not None:
        facts["sender_chat"] = chat(world.chats[said.sender_chat_id], world)
    if said.via_bot:
        facts["via_bot"] = user(world.bot)
    if said.guest_of is not None:
        facts["guest_bot_caller_user"] = user(said.guest_of)
    return facts


def _content(said: Message) -> Json:
    facts: Json = dict(said.service or {})
    kind = "entities" if said.text is not None else "caption_entities"
    optional: dict[str, Any] = {"text": said.text, "caption": said.caption, kind: said.entities}
    facts |= {name: value for name, value in optional.items() if value}
    if said.photo:
        facts["photo"] = photo_sizes(said.photo)
    if said.document:
        facts["document"] = document(said.document)
    return facts


def _extras(said: Message) -> Json:
    keyboard = said.reply_markup if said.buttons else None
    optional: dict[str, Any] = {
        "message_thread_id": said.thread_id,
        "is_topic_message": said.is_topic_message,
        "media_group_id": said.media_group_id,
        "has_media_spoiler": said.has_spoiler,
        "show_caption_above_media": said.caption_above,
        "edit_date": unix(said.edit_date) if said.edit_date else None,
        "reply_markup": keyboard,
        "receiver_user": user(said.receiver) if said.receiver else None,
        "ephemeral_message_id": said.ephemeral_id,
    }
    return {name: value for name, value in optional.items() if value}


def inaccessible(place: Chat, message_id: int, world: World) -> Json:
    return {"chat": chat(place, world), "message_id": message_id, "date": 0}


def member(person: User, status: Status) -> Json:
    facts: Json = {"status": status, "user": user(person)}
    if status == "creator":
        return facts | {"is_anonymous": False}
    if status == "administrator":
        rights = {right: right not in STORY_RIGHTS for right in RIGHTS}
        return facts | {"can_be_edited": False, "is_anonymous": False} | rights
    if status == "kicked":
        return facts | {"until_date": 0}
    return facts
