from aiogram import F, Router
from aiogram.filters import IS_MEMBER, IS_NOT_MEMBER, ChatMemberUpdatedFilter, Command
from aiogram.types import ChatMemberUpdated, Message

from bot import texts
from bot.services import Services


async def not_a_group(message: Message, services: Services) -> None:
    services.answers.reply(message, texts.GROUPS_ONLY)


async def enable(message: Message, services: Services) -> None:
    await _turn(message, services, on=True)


async def disable(message: Message, services: Services) -> None:
    await _turn(message, services, on=False)


async def added(event: ChatMemberUpdated, services: Services) -> None:
    if event.chat.type != "private" and services.admins.is_owner(event.from_user.id):
        await services.chats.turn(event.chat.id, event.chat.type, on=True)


async def migrated(message: Message, services: Services) -> None:
    if message.migrate_to_chat_id is not None:
        await services.chats.migrate(message.chat.id, message.migrate_to_chat_id)


async def _turn(message: Message, services: Services, *, on: bool) -> None:
    if not await services.admins.wrote(message):
        await services.answers.refuse(message, texts.ADMINS_ONLY)
        return
    await services.chats.turn(message.chat.id, message.chat.type, on=on)
    services.answers.reply(message, texts.GROUP_ON if on else texts.GROUP_OFF)


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
