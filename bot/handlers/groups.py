from aiogram import F
from aiogram.filters import IS_MEMBER, IS_NOT_MEMBER, ChatMemberUpdatedFilter, Command
from aiogram.types import ChatMemberUpdated, Message

from bot.i18n import _
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import everyday as texts


async def not_a_group(message: Message, services: Services) -> None:
    services.answers.reply(message, _(texts.GROUPS_ONLY))


async def enable(message: Message, services: Services) -> None:
    await _turn(message, services, on=True)


async def disable(message: Message, services: Services) -> None:
    await _turn(message, services, on=False)


async def added(event: ChatMemberUpdated, services: Services) -> None:
    chat, by = event.chat, event.from_user.id
    is_ours = services.admins.is_owner(by) and services.chats.is_allowed(chat.id)
    if chat.type != "private" and is_ours:
        await services.chats.turn(chat.id, chat.type, on=True, by=by)


async def migrated(message: Message, services: Services) -> None:
    if message.migrate_to_chat_id is not None:
        await services.chats.migrate(message.chat.id, message.migrate_to_chat_id)


async def _turn(message: Message, services: Services, *, on: bool) -> None:
    if not await services.admins.wrote(message):
        await services.answers.refuse(message, _(texts.ADMINS_ONLY))
        return
    chat, by = message.chat, author_id(message)
    await services.chats.turn(chat.id, chat.type, on=on, by=by)
    services.answers.reply(message, _(texts.GROUP_ON if on else texts.GROUP_OFF))


def create_router() -> Router:
    router = Router(name="groups")
    router.message.register(
        not_a_group, Command("enable", "disable", ignore_case=True), F.chat.type == "private"
    )
    router.message.register(enable, Command("enable", ignore_case=True))
    router.message.register(disable, Command("disable", ignore_case=True))
    router.my_chat_member.register(added, ChatMemberUpdatedFilter(IS_NOT_MEMBER >> IS_MEMBER))
    router.message.register(migrated, F.migrate_to_chat_id)
    return router
