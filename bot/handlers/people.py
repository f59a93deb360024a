"""What admins do about people. Every answer says what was done and how things stand then."""

from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.commands.orders import read_ban, read_grant, read_limit, read_nothing
from bot.commands.targets import find_target, find_target_or_here
from bot.filters import from_admin_anywhere, from_admin_replying
from bot.handlers.cancel import show_cancellation
from bot.i18n import _
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import people as texts_people


async def user(message: Message, command: CommandObject, services: Services) -> None:
    target = await find_target(message, command, services)
    read_nothing(target.words, "user")
    person = await services.people.show(target.id)
    activity = await services.people.show.activity(target.id)
    words = texts_people.full_card(person, activity, services.timezone)
    services.people.desk.tell(message, words)


async def grant(message: Message, command: CommandObject, services: Services) -> None:
    target = await find_target(message, command, services)
    units = read_grant(target.words)
    change = await services.people.manage.grant(author_id(message), target.id, units)
    await tell(message, target.id, texts_people.granted(change), services)


async def limit(message: Message, command: CommandObject, services: Services) -> None:
    target = await find_target(message, command, services)
    units = read_limit(target.words)
    await services.people.manage.limit(author_id(message), target.id, units)
    await tell(message, target.id, _(texts_people.LIMITED), services)


async def reset(message: Message, command: CommandObject, services: Services) -> None:
    target = await find_target(message, command, services)
    read_nothing(target.words, "reset")
    forgiven = await services.people.manage.reset(author_id(message), target.id)
    await tell(message, target.id, texts_people.was_reset(forgiven), services)


async def ban(message: Message, command: CommandObject, services: Services) -> None:
    target = await find_target(message, command, services)
    wanted = read_ban(target.words)
    canceled = await services.people.manage.ban(
        author_id(message), target.id, lasts=wanted.lasts, reason=wanted.reason
    )
    for cancellation in canceled:
        show_cancellation(cancellation, services)
    await tell(message, target.id, texts_people.banned(len(canceled)), services)


async def unban(message: Message, command: CommandObject, services: Services) -> None:
    target = await find_target(message, command, services)
    read_nothing(target.words, "unban")
    await services.people.manage.unban(author_id(message), target.id)
    await tell(message, target.id, _(texts_people.UNBANNED), services)


async def allow(message: Message, command: CommandObject, services: Services) -> None:
    target = await find_target_or_here(message, command, services)
    read_nothing(target.words, "allow")
    await services.people.manage.allow(author_id(message), target.id, allowed=True)
    await tell(message, target.id, _(texts_people.ALLOWED), services)


async def disallow(message: Message, command: CommandObject, services: Services) -> None:
    target = await find_target_or_here(message, command, services)
    read_nothing(target.words, "disallow")
    await services.people.manage.allow(author_id(message), target.id, allowed=False)
    await tell(message, target.id, _(texts_people.DISALLOWED), services)


async def tell(message: Message, person_id: int, done: str, services: Services) -> None:
    person = await services.people.show(person_id)
    words = f"{done}\n\n{texts_people.card(person, services.timezone)}"
    services.people.desk.tell(message, words)


def create_router() -> Router:
    router = Router(name="people")
    for name, handler in (
        ("user", user),
        ("grant", grant),
        ("limit", limit),
        ("reset", reset),
        ("ban", ban),
        ("unban", unban),
    ):
        router.message.register(handler, Command(name, ignore_case=True), from_admin_replying)
    router.message.register(allow, Command("allow", ignore_case=True), from_admin_anywhere)
    router.message.register(disallow, Command("disallow", ignore_case=True), from_admin_anywhere)
    return router
