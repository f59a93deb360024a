"""Who it is that writes or presses, as the use cases know people."""

from aiogram.types import CallbackQuery, InlineQuery, Message

from bot.telegram.replies import author_id
from bot.usecases.entry import Visitor


def visitor_of(event: Message | CallbackQuery | InlineQuery) -> Visitor:
    """Whoever writes as a chat is that chat, and has no name of a person."""
    match event:
        case Message():
            user_id, chat_id = author_id(event), event.chat.id
        case CallbackQuery(message=message) if message is not None:
            user_id, chat_id = event.from_user.id, message.chat.id
        case _:
            user_id = chat_id = event.from_user.id
    person = event.from_user
    if person is None or person.id != user_id:
        return Visitor(user_id, chat_id)
    return Visitor(user_id, chat_id, person.username, person.first_name, person.language_code)
