"""The world as one person's chat page shows it: plain JSON, made anew for every look."""

from typing import Any

from bot.playground.records import (
    Chat,
    InlineQuery,
    InlineResult,
    Json,
    Message,
    StoredFile,
    User,
)
from bot.playground.state import World
from bot.playground.whispers import seen_by

Keys = list[str]


def page(world: World, me: User) -> Json:
    return {
        "me": me.id,
        "bot": {"id": world.bot.id, "name": _bot_name(world), "username": world.bot.username},
        "about": world.profile.get(("description", ""), ""),
        "people": [
            {"id": each.id, "name": each.first_name, "language": each.language_code}
            for each in world.users.values()
            if not each.is_bot
        ],
        "chats": [
            chat(world, each, me) | {"messages": [message(world, m) for m in _shown(each, me)]}
            for each in world.chats.values()
            if each.has(me.id)
        ],
    }


def _shown(place: Chat, me: User) -> list[Message]:
    """Everyone's messages, and between them those that are for this person alone."""
    whispers = seen_by(place, me)
    return sorted([*place.messages.values(), *whispers], key=lambda each: each.date)


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
        "guises": [{"id": each.id, "title": each.title} for each in _guises(world, place, me)],
        "unread": unread(place, me),
    }


def unread(place: Chat, me: User) -> int:
    seen = place.read_up_to.get(me.id, 0)
    return sum(each.message_id > seen and each.sender is not me for each in place.messages.values())


def message(world: World, said: Message) -> Json:
    facts: dict[str, Any] = {
        "id": said.message_id or -(said.ephemeral_id or 0),
        "from": _author(world, said),
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
        "whisper": said.ephemeral_id is not None,
        "via": world.bot.username if said.via_bot else None,
        "buttons": _buttons(said),
        "force_reply": _force_reply(world, said),
    }
    return facts


def _author(world: World, said: Message) -> Json:
    if said.sender_chat_id is not None:
        title = world.chats[said.sender_chat_id].title
        return {"id": said.sender_chat_id, "name": title, "bot": False}
    return {"id": said.sender.id, "name": said.sender.first_name, "bot": said.sender.is_bot}


def _guises(world: World, place: Chat, me: User) -> list[Chat]:
    """In whose name this person may write here, beside their own."""
    if place.kind not in ("group", "supergroup"):
        return []
    lent = [place, *(each for each in world.chats.values() if each.kind == "channel")]
    return [each for each in lent if each.members.get(me.id) in ("creator", "administrator")]


def _force_reply(world: World, said: Message) -> Json | None:
    """`for`: whose answer is wanted, where not everyone's."""
    markup = said.reply_markup or {}
    if "force_reply" not in markup:
        return None
    replied = world.chats[said.chat_id].messages.get(said.reply_to_message_id or 0)
    wanted = replied.sender.id if markup.get("selective") and replied else None
    return {"placeholder": markup.get("input_field_placeholder", ""), "for": wanted}


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
    switch = button.get("switch_inline_query_current_chat", button.get("switch_inline_query"))
    return known | {"copy": copy, "disabled": "disabled" in button, "switch": switch}


def inline_answer(query: InlineQuery) -> Json:
    """What the bot found for what was typed; nothing where it didn't answer."""
    answer = query.answer
    results = answer.results.values() if answer else ()
    return {
        "query": query.id,
        "answered": answer is not None,
        "button": answer.button if answer else None,
        "results": [_result(each) for each in results],
    }


def _result(result: InlineResult) -> Json:
    photo = result.message.photo
    shown = (*photo.smaller, photo)[-2:][0] if photo else None  # the largest but one
    return {
        "id": result.id,
        "title": result.title,
        "description": result.description,
        "words": result.message.words,
        "thumbnail": f"app/files/{shown.unique_id}" if shown else None,
    }


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
