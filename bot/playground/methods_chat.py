"""Chats, members and files (https://core.telegram.org/bots/api#getchat and its kin)."""

from bot.playground import wire
from bot.playground.errors import bad_request
from bot.playground.params import Request
from bot.playground.records import Chat, Json
from bot.playground.registry import method
from bot.playground.state import World

MAX_DOWNLOAD = 20 * 1024 * 1024
GIFTS = "unlimited_gifts limited_gifts unique_gifts premium_subscription gifts_from_channels"


def _chat(world: World, request: Request) -> Chat:
    return world.writable(request.need("chat_id", "chat_id is empty"))


@method("getChat", "chat_id")
async def get_chat(world: World, request: Request) -> Json:
    return wire.chat(_chat(world, request), world) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS.split(), False),
    }


@method("getChatMember", "chat_id user_id")
async def get_chat_member(world: World, request: Request) -> Json:
    chat = _chat(world, request)
    person = world.users.get(request.need("user_id", "user_id is empty"))
    if person is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    status = chat.members.get(person.id, "left")
    posts = chat.kind == "channel" and status == "administrator"
    return wire.member(person, status) | ({"can_post_messages": True} if posts else {})


@method("getChatAdministrators", "chat_id return_bots")
async def get_chat_administrators(world: World, request: Request) -> list[Json]:
    chat = _chat(world, request)
    if chat.kind == "private":
        raise bad_request("there are no administrators in the private chat")
    return [
        wire.member(world.users[user_id], status)
        for user_id, status in chat.members.items()
        if status in ("creator", "administrator")
    ]


@method("getChatMemberCount", "chat_id")
async def get_chat_member_count(world: World, request: Request) -> int:
    chat = _chat(world, request)
    return sum(chat.has(user_id) for user_id in chat.members)


@method("leaveChat", "chat_id")
async def leave_chat(world: World, request: Request) -> bool:
    chat = _chat(world, request)
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.members[world.bot.id] = "left"
    world.publish("chat", chat)
    return True


@method("getFile", "file_id")
async def get_file(world: World, request: Request) -> Json:
    stored = world.files.get(request.need("file_id", "file_id not specified"))
    if stored is None:
        raise bad_request("invalid file_id")
    if len(stored.content) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return wire.file(stored)
