"""What the bot says of itself: its commands, name and descriptions."""

import re
from typing import Any

from bot.playground.errors import bad_request
from bot.playground.params import Request
from bot.playground.records import Json, names
from bot.playground.registry import method
from bot.playground.state import World

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"(?:[a-z]{2})?")
MAX_COMMANDS = 100
MAX_DESCRIPTION = 256
SCOPES = names(
    "default all_private_chats all_group_chats all_chat_administrators chat chat_administrators "
    "chat_member"
)
PROFILE = {"description": 512, "short_description": 120, "name": 64}  # longest, in characters


@method("setMyCommands", "commands scope language_code")
async def set_my_commands(world: World, request: Request) -> bool:
    commands = request.get("commands", [])
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        _check(command)
    world.commands[_key(request)] = commands
    world.changes.publish({"kind": "commands"})
    return True


@method("getMyCommands", "scope language_code")
async def get_my_commands(world: World, request: Request) -> list[Json]:
    return world.commands.get(_key(request), [])


@method("deleteMyCommands", "scope language_code")
async def delete_my_commands(world: World, request: Request) -> bool:
    world.commands.pop(_key(request), None)
    world.changes.publish({"kind": "commands"})
    return True


async def _set_profile(world: World, request: Request, field: str) -> bool:
    value = request.get(field, "")
    if len(value) > PROFILE[field]:
        raise bad_request(f"{field} is too long")
    world.profile[field, _language(request)] = value
    return True


@method("setMyDescription", "description language_code")
async def set_my_description(world: World, request: Request) -> bool:
    return await _set_profile(world, request, "description")


@method("setMyShortDescription", "short_description language_code")
async def set_my_short_description(world: World, request: Request) -> bool:
    return await _set_profile(world, request, "short_description")


@method("setMyName", "name language_code")
async def set_my_name(world: World, request: Request) -> bool:
    return await _set_profile(world, request, "name")


@method("getMyDescription", "language_code")
async def get_my_description(world: World, request: Request) -> Json:
    return {"description": world.profile.get(("description", _language(request)), "")}


@method("getMyShortDescription", "language_code")
async def get_my_short_description(world: World, request: Request) -> Json:
    return {"short_description": world.profile.get(("short_description", _language(request)), "")}


@method("getMyName", "language_code")
async def get_my_name(world: World, request: Request) -> Json:
    return {"name": world.profile.get(("name", _language(request)), world.bot.first_name)}


def _check(command: Any) -> None:
    if not isinstance(command, dict) or not COMMAND.fullmatch(str(command.get("command", ""))):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(str(command.get("description", ""))) <= MAX_DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")


def _key(request: Request) -> tuple[str, str]:
    scope = request.get("scope") or {"type": "default"}
    if scope.get("type") not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    parts = [scope["type"], scope.get("chat_id"), scope.get("user_id")]
    return ":".join(str(part) for part in parts if part is not None), _language(request)


def _language(request: Request) -> str:
    language = request.get("language_code", "")
    if not LANGUAGE.fullmatch(language):
        raise bad_request("LANGUAGE_CODE_INVALID")
    return str(language)
