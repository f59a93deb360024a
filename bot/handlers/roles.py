"""Owners name admins."""

from aiogram import F
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.commands.orders import read_nothing
from bot.commands.targets import find_target
from bot.filters import from_owner_replying
from bot.handlers.people import tell
from bot.i18n import _
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import people as texts_people


async def promote(message: Message, command: CommandObject, services: Services) -> None:
    target = await find_target(message, command, services)
    read_nothing(target.words, "promote")
    await services.people.manage.promote(author_id(message), target.id)
    await tell(message, target.id, _(texts_people.PROMOTED), services)


async def demote(message: Message, command: CommandObject, services: Services) -> None:
    target = await find_target(message, command, services)
    read_nothing(target.words, "demote")
    await services.people.manage.demote(author_id(message), target.id)
    await tell(message, target.id, _(texts_people.DEMOTED), services)


async def admins(message: Message, services: Services) -> None:
    named = await services.people.show.admins()
    services.people.desk.tell(message, texts_people.admins(named))


def create_router() -> Router:
    router = Router(name="roles")
    router.message.register(promote, Command("promote", ignore_case=True), from_owner_replying)
    router.message.register(demote, Command("demote", ignore_case=True), from_owner_replying)
    router.message.register(
        admins,
        Command("admins", ignore_case=True),
        F.chat.type == "private",
        from_owner_replying,
    )
    return router
