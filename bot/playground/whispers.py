"""Ephemeral messages: in a group, seen by one person and the bot alone.

https://core.telegram.org/bots/api#ephemeral-messages-and-commands
"""

from datetime import timedelta

from bot.playground.errors import ApiError, bad_request
from bot.playground.params import Request
from bot.playground.records import Chat, Json, Message, User
from bot.playground.state import World

ANSWER_WITHIN = timedelta(seconds=15)
FIELDS = frozenset({"receiver_user_id", "callback_query_id", "replace_callback_query_message"})
NOT_ALLOWED = bad_request("not enough rights to send ephemeral messages to the chat")


def receiver_of(world: World, request: Request, chat: Chat) -> User | None:
    """Who alone is to see the message; None where everyone is.

    A bot that is no admin may whisper only to whoever just sent an ephemeral command, or pressed a
    button.

    Raises:
        ApiError: 400, no group, nobody there, or no right to.
    """
    asked: Json | None = request.get("ephemeral_message_parameters")
    if not world.knows_whispers:
        return None
    heard = _heard(world, request, chat)
    if asked is None:
        if heard is not None:
            raise bad_request("a reply to an ephemeral message must be ephemeral")
        return None
    if set(asked) - FIELDS or chat.kind not in ("group", "supergroup"):
        raise bad_request("ephemeral messages can't be sent to the chat")
    person = world.users.get(asked.get("receiver_user_id", 0))
    if person is None or not chat.has(person.id):
        raise bad_request("PARTICIPANT_ID_INVALID")
    is_admin = chat.members.get(world.bot.id) == "administrator"
    if not (is_admin or heard is person or _pressed(world, asked, person)):
        raise NOT_ALLOWED
    return person


def keep(world: World, chat: Chat, message: Message) -> Message:
    """In the chat, for its receiver and the bot."""
    assert message.receiver  # noqa: S101 - it is a whisper
    message.ephemeral_id = world.number()
    chat.whispers[message.ephemeral_id] = message
    seen_by = message.receiver if message.sender is world.bot else message.sender
    world.publish("message", chat, message_id=-message.ephemeral_id, user_id=seen_by.id)
    return message


def seen_by(chat: Chat, person: User) -> list[Message]:
    """What the chat shows to this person and nobody else, oldest first."""
    return [each for each in chat.whispers.values() if person in (each.receiver, each.sender)]


def _heard(world: World, request: Request, chat: Chat) -> User | None:
    """Who sent the ephemeral command that is replied to.

    Raises:
        ApiError: 400, there is none, or it is too late.
    """
    reply = request.get("reply_parameters") or {}
    if "ephemeral_message_id" not in reply:
        return None
    said = chat.whispers.get(reply["ephemeral_message_id"])
    if said is None or world.clock.now() - said.date > ANSWER_WITHIN:
        raise ApiError(400, "Bad Request: ephemeral message to be replied not found")
    return said.sender


def _pressed(world: World, asked: Json, person: User) -> bool:
    query = world.queries.get(str(asked.get("callback_query_id")))
    if query is None or query.user_id != person.id:
        return False
    return world.clock.now() - query.asked_at <= ANSWER_WITHIN
