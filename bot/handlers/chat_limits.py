"""What a group shares a day: set in the group itself, or anywhere by its id."""

from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.commands.orders import read_chat_limit
from bot.filters import from_admin_anywhere
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import groups as texts_groups


async def chat_limit(message: Message, command: CommandObject, services: Services) -> None:
    here = message.chat.id if message.chat.type != "private" else None
    chat_id, limit = read_chat_limit((command.args or "").split(), here)
    shared = await services.people.limit_chat(author_id(message), chat_id, limit)
    services.people.desk.tell(message, texts_groups.shared(shared))


def create_router() -> Router:
    router = Router(name="chat limits")
    router.message.register(chat_limit, Command("chatlimit", ignore_case=True), from_admin_anywhere)
    return router
