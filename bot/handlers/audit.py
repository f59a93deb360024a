from aiogram import F
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks import AuditTurned
from bot.commands.orders import read_nothing
from bot.commands.targets import find_target
from bot.filters import from_admin
from bot.keyboards_people import audit_keyboard
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import audit as texts_audit


async def audit(message: Message, command: CommandObject, services: Services) -> None:
    about = None
    if command.args or message.reply_to_message:
        about, words = await find_target(message, command, services)
        read_nothing(words, "audit")
    page = await services.people.audit(about)
    text = texts_audit.page(page, services.timezone)
    services.people.desk.tell(message, text, audit_keyboard(page.older, about))


async def turned(query: CallbackQuery, callback_data: AuditTurned, services: Services) -> None:
    services.answers.toast(query, "")
    page = await services.people.audit(callback_data.target, callback_data.before)
    keyboard = audit_keyboard(page.older, callback_data.target)
    services.people.desk.turn(query, texts_audit.page(page, services.timezone), keyboard)


def create_router() -> Router:
    router = Router(name="audit")
    router.message.register(
        audit, Command("audit", ignore_case=True), F.chat.type == "private", from_admin
    )
    router.callback_query.register(turned, AuditTurned.filter(), from_admin)
    return router
