"""Admins' commands and buttons: to anyone else they don't exist."""

from pathlib import Path

import pytest
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackQueryFilter

from bot import filters
from bot.texts.results import UNKNOWN_BUTTON
from tests.architecture.test_authorization import is_for_admins, name_of, pressed, routers
from tests.fuzz.stage import BORIS, GROUP, OWNER, Stage, stage

FOR_THE_FEW = {
    filters.from_admin,
    filters.from_owner,
    filters.from_admin_replying,
    filters.from_admin_anywhere,
    filters.from_owner_replying,
}
EXAMPLES = {
    "uninvite": "uninvite:AAAA",
    "audit": "audit:1:",
    "page": "page:queue",
    "adminjob": "adminjob:{deed}:1",
    "broadcast": "broadcast:{deed}:1",
    "deed": "deed:{deed}:fake",
}


def commands() -> list[str]:
    """Of admins and owners, as registered."""
    found = set()
    for router in routers():
        of_router = {each.callback for each in router.message._handler.filters or ()}
        for handler in router.message.handlers:
            given = {each.callback for each in handler.filters or ()} | of_router
            if given & FOR_THE_FEW:
                found |= {
                    str(word)
                    for each in given
                    if isinstance(each, Command)
                    for word in each.commands
                }
    return sorted(found)


def datas() -> list[str]:
    """A press for each of the admins' buttons."""
    from bot.callbacks_operations import BroadcastDeed, Deed, JobDeed  # noqa: PLC0415

    deeds = {"adminjob": JobDeed, "broadcast": BroadcastDeed, "deed": Deed}
    return [
        example.format(deed=deed)
        for prefix, example in EXAMPLES.items()
        for deed in ([each.value for each in deeds[prefix]] if prefix in deeds else [""])
    ]


def test_the_commands_and_buttons_are_found() -> None:
    assert {"ban", "grant", "job", "broadcast", "promote", "providers", "invite"} <= set(commands())
    kinds = {
        each.callback.callback_data.__prefix__
        for handler in pressed()
        if is_for_admins(handler)
        for each in handler.filters or ()
        if isinstance(each.callback, CallbackQueryFilter)
    }
    assert kinds == EXAMPLES.keys(), name_of


async def set_the_stage(on: Stage) -> None:
    await on.say("/enable", OWNER, GROUP)
    await on.say("/imagine a fox", OWNER)


@pytest.mark.parametrize("command", commands())
async def test_an_admins_command_is_any_words_to_others(tmp_path: Path, command: str) -> None:
    async with stage(tmp_path) as on:
        await set_the_stage(on)
        unknown = await on.say("/nosuchcommand 5 5", BORIS)
        assert unknown
        for words in ("", " 5 5", " @name", " 1"):
            assert await on.say(f"/{command}{words}", BORIS) == unknown
            assert await on.say(f"/{command}{words}", BORIS, GROUP) == []
        async with on.storage.reading() as view:
            assert {line.actor_id for line in await view.audit.newest(limit=9)} == {OWNER}


@pytest.mark.parametrize("data", datas())
async def test_an_admins_button_is_none_to_others(tmp_path: Path, data: str) -> None:
    """Nor to admins themselves where others look on."""
    async with stage(tmp_path) as on:
        await set_the_stage(on)
        for user, chat in ((BORIS, BORIS), (BORIS, GROUP), (BORIS, None), (OWNER, GROUP)):
            assert await on.press(data, user, chat) == [("answerCallbackQuery", UNKNOWN_BUTTON)]
