from aiogram import F
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import ForgetPressed
from bot.i18n import _
from bot.keyboards_people import forget_keyboard
from bot.middlewares.entrance import OPEN_TO_ALL
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import forget as texts_forget


async def in_group(message: Message, services: Services) -> None:
    await services.answers.refuse(message, _(texts_forget.IN_PRIVATE))


async def ask(message: Message, services: Services) -> None:
    services.people.desk.tell(message, _(texts_forget.ASK), forget_keyboard())


async def keep(query: CallbackQuery, services: Services) -> None:
    services.answers.toast(query, "")
    services.people.desk.turn(query, _(texts_forget.KEPT))


async def forget(query: CallbackQuery, services: Services) -> None:
    services.answers.toast(query, "")
    forgotten = await services.people.forget(query.from_user.id)
    for left in forgotten.open_messages:
        shown = await services.board.close(left.job_id) or left.message_id
        if shown is not None:
            services.people.desk.take_away(left.chat_id, shown)
    services.people.desk.turn(query, texts_forget.done(forgotten))


def create_router() -> Router:
    router = Router(name="forgetme")
    private, command = F.chat.type == "private", Command("forgetme", ignore_case=True)
    open_to_all = {OPEN_TO_ALL: True}
    router.message.register(ask, command, private, flags=open_to_all)
    router.message.register(in_group, command)
    yours = F.message.chat.type == "private"
    router.callback_query.register(forget, ForgetPressed.filter(F.sure), yours, flags=open_to_all)
    router.callback_query.register(keep, ForgetPressed.filter(), yours, flags=open_to_all)
    return router
