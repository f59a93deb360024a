"""/broadcast: a message to everybody who has a private chat with the bot, and who that is."""

from aiogram import F
from aiogram.filters import IS_MEMBER, IS_NOT_MEMBER, ChatMemberUpdatedFilter, Command
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from bot.callbacks_operations import BroadcastDeed, BroadcastWanted
from bot.filters import from_admin
from bot.i18n import _
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import broadcast as texts_broadcast


async def broadcast(message: Message, services: Services) -> None:
    original = message.reply_to_message
    if original is None:
        services.answers.reply(message, _(texts_broadcast.HOW_TO))
        return
    draft, people = await services.operations.broadcasts.draft(
        by=author_id(message), chat_id=message.chat.id, message_id=original.message_id
    )
    services.operations.broadcast_screen.preview(message, draft, people)


async def send(query: CallbackQuery, callback_data: BroadcastWanted, services: Services) -> None:
    if query.message is None:
        return
    await services.operations.broadcasts.start(
        callback_data.broadcast_id,
        by=query.from_user.id,
        status_message_id=query.message.message_id,
    )
    services.answers.toast(query, "")
    await services.operations.broadcast_screen.report(callback_data.broadcast_id)
    services.operations.broadcaster.ring()


async def stop(query: CallbackQuery, callback_data: BroadcastWanted, services: Services) -> None:
    await services.operations.broadcasts.stop(callback_data.broadcast_id, by=query.from_user.id)
    services.answers.toast(query, "")
    it, _left = await services.operations.broadcasts.look(callback_data.broadcast_id)
    if it.status_message_id is not None:
        await services.operations.broadcast_screen.report(it.id)
    elif query.message is not None:
        services.operations.broadcast_screen.dropped(it, query.message.message_id)


async def blocked(event: ChatMemberUpdated, services: Services) -> None:
    await services.chats.reach(event.chat.id, can=False)


async def unblocked(event: ChatMemberUpdated, services: Services) -> None:
    await services.chats.reach(event.chat.id, can=True)


def create_router() -> Router:
    router = Router(name="broadcast")
    private = F.chat.type == "private"
    router.message.register(broadcast, from_admin, Command("broadcast", ignore_case=True))
    for deed, press in ((BroadcastDeed.SEND, send), (BroadcastDeed.STOP, stop)):
        router.callback_query.register(press, from_admin, BroadcastWanted.filter(F.deed == deed))
    router.my_chat_member.register(
        blocked, private, ChatMemberUpdatedFilter(IS_MEMBER >> IS_NOT_MEMBER)
    )
    router.my_chat_member.register(
        unblocked, private, ChatMemberUpdatedFilter(IS_NOT_MEMBER >> IS_MEMBER)
    )
    return router
