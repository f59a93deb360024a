"""The world as one person's chat page shows it: plain JSON, made anew for every look."""

from typing import Any

from bot.playground.records import Chat, Json, Message, StoredFile, User
from bot.playground.state import World

Keys = list[str]


def page(world: World, me: User) -> Json:
    return {
        "me": me.id,
        "bot": {"id": world.bot.id, "name": _bot_name(world), "username": world.bot.username},
        "about": world.profile.get(("description", ""), ""),
        "people": [
            {"id": each.id, "name": each.first_name}
            for each in world.users.values()
            if not each.is_bot
        ],
        "chats": [
            chat(world, each, me)
            | {"messages": [message(world, m) for m in each.messages.values()]}
            for each in world.chats.values()
            if each.has(me.id)
        ],
    }


def chat(world: World, place: Chat, me: User) -> Json:
    """The chat without its messages."""
    return {
        "id": place.id,
        "kind": place.kind,
        "title": _bot_name(world) if place.kind == "private" else place.title,
        "bot": place.members.get(world.bot.id, "left"),
        "members": sum(place.has(user_id) for user_id in place.members),
        "topics": [{"id": key, "name": name} for key, name in place.topics.items()],
        "commands": _commands(world, place, me),
        "unread": unread(place, me),
    }


def unread(place: Chat, me: User) -> int:
    seen = place.read_up_to.get(me.id, 0)
    return sum(each.message_id > seen and each.sender is not me for each in place.messages.values())


def message(world: World, said: Message) -> Json:
    facts: dict[str, Any] = {
        "id": said.message_id,
        "from": {"id": said.sender.id, "name": said.sender.first_name, "bot": said.sender.is_bot},
        "date": said.date.timestamp() * 1000,
        "text": said.words,
        "entities": said.entities,
        "edits": said.edits,
        "topic": said.thread_id if said.is_topic_message else None,
        "reply_to": said.reply_to_message_id,
        "photo": _photo(said) if said.photo else None,
        "document": _document(said.document) if said.document else None,
        "album": said.media_group_id,
        "above": said.caption_above,
        "reaction": said.reaction,
        "service": _service(said.service) if said.service else None,
        "buttons": _buttons(said),
    }
    return facts


def _bot_name(world: World) -> str:
    return world.profile.get(("name", "")) or world.bot.first_name


def _photo(said: Message) -> Json:
    photo = said.photo
    assert photo  # noqa: S101 - asked only of messages that have one
    return {
        "url": f"app/files/{photo.unique_id}",
        "name": photo.name,
        "width": photo.width,
        "height": photo.height,
        "spoiler": said.has_spoiler,
    }


def _document(stored: StoredFile) -> Json:
    return {
        "url": f"app/files/{stored.unique_id}",
        "name": stored.name,
        "size": len(stored.content),
        "thumbnail": f"app/files/{stored.smaller[0].unique_id}" if stored.smaller else None,
    }


def _service(service: Json) -> str:
    topic = service.get("forum_topic_created")
    return f"Topic “{topic['name']}” was created" if topic else "Something happened"


def _buttons(said: Message) -> list[list[Json]]:
    rows = (said.reply_markup or {}).get("inline_keyboard", [])
    return [[_button(button) for button in row] for row in rows]


def _button(button: Json) -> Json:
    known = {name: button.get(name) for name in ("text", "style", "url", "callback_data")}
    copy = button.get("copy_text", {}).get("text")
    return known | {"copy": copy, "disabled": "disabled" in button}


def _commands(world: World, place: Chat, me: User) -> list[Json]:
    """The narrowest list the bot set for this person here.

    https://core.telegram.org/bots/api#determining-list-of-commands
    """
    for scope in _scopes(place, me):
        for language in (me.language_code, ""):
            found = world.commands.get((scope, language))
            if found:
                return found
    return []


def _scopes(place: Chat, me: User) -> Keys:
    if place.kind == "private":
        return [f"chat:{place.id}", "all_private_chats", "default"]
    admin = place.members.get(me.id) in ("creator", "administrator")
    narrow = [f"chat_member:{place.id}:{me.id}"]
    narrow += [f"chat_administrators:{place.id}"] if admin else []
    wide = ["all_chat_administrators"] if admin else []
    return [*narrow, f"chat:{place.id}", *wide, "all_group_chats", "default"]
