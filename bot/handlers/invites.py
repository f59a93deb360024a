"""Invite links: made and revoked by admins, followed by anyone."""

from aiogram import F
from aiogram.filters import Command, CommandObject, CommandStart
from aiogram.types import CallbackQuery, Message
from aiogram.utils.deep_linking import create_start_link

from bot.callbacks import InviteRevoked
from bot.commands.orders import read_invite
from bot.filters import from_admin
from bot.i18n import _
from bot.keyboards_people import invites_keyboard
from bot.middlewares.entrance import OPEN_TO_ALL
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import access as texts_access
from bot.visitors import visitor_of

PREFIX = "inv_"


async def invite(message: Message, command: CommandObject, services: Services) -> None:
    offer = read_invite((command.args or "").split())
    made = await services.people.invites.make(author_id(message), offer)
    assert message.bot is not None  # noqa: S101 - it brought the message
    link = await create_start_link(message.bot, PREFIX + made.token)
    text = texts_access.invite_made(made, link, services.clock.now())
    services.people.desk.tell(message, text)


async def invites(message: Message, services: Services) -> None:
    working = await services.people.invites.working()
    text = texts_access.invites(working, services.clock.now())
    services.people.desk.tell(message, text, invites_keyboard(working))


async def revoke(query: CallbackQuery, callback_data: InviteRevoked, services: Services) -> None:
    await services.people.invites.revoke(query.from_user.id, callback_data.token)
    services.answers.toast(query, _(texts_access.REVOKED))
    working = await services.people.invites.working()
    text = texts_access.invites(working, services.clock.now())
    services.people.desk.turn(query, text, invites_keyboard(working))


async def follow(message: Message, command: CommandObject, services: Services) -> None:
    token = (command.args or "").removeprefix(PREFIX)
    used = await services.people.invites.use(token, visitor_of(message))
    text = texts_access.welcome(used) if used else _(texts_access.INVITE_USED)
    services.answers.reply(message, text)


def create_router() -> Router:
    router = Router(name="invites")
    private = F.chat.type == "private"
    router.message.register(
        follow,
        CommandStart(deep_link=True, ignore_case=True, magic=F.args.startswith(PREFIX)),
        private,
        flags={OPEN_TO_ALL: True},
    )
    router.message.register(invite, Command("invite", ignore_case=True), private, from_admin)
    router.message.register(invites, Command("invites", ignore_case=True), private, from_admin)
    router.callback_query.register(revoke, InviteRevoked.filter(), from_admin)
    return router
