"""Who asks, read from a message or a pressed button."""

from aiogram.types import CallbackQuery, Message

from bot.i18n import language
from bot.parsing import ImagineCommand, ParseError, parse_imagine
from bot.results.access import Press
from bot.telegram.replies import author_id, press_number
from bot.usecases.asker import Asker
from bot.usecases.engines import Engines
from bot.usecases.orders import Order
from bot.usecases.results import Result
from bot.usecases.spec import Lineage


def read_command(text: str, engines: Engines) -> ImagineCommand | ParseError:
    """What follows the command word, by the names that can be chosen now."""
    return parse_imagine(
        text,
        styles=engines.styles,
        models=engines.models,
        providers=list(engines.providers),
        schedulers=engines.schedulers,
    )


def writer_of(
    message: Message, *, parent_id: int | None = None, lineage: Lineage | None = None
) -> Asker:
    sender = message.from_user
    return Asker(
        user_id=author_id(message),
        username=sender.username if sender else None,
        language=sender.language_code if sender else None,
        chat_id=message.chat.id,
        chat_kind=message.chat.type,
        message_id=message.message_id,
        thread_id=message.message_thread_id if message.is_topic_message else None,
        name=sender.first_name if sender else None,
        locale=language(),
        parent_id=parent_id,
        lineage=lineage,
    )


def presser_of(query: CallbackQuery, press: Press, order: Order) -> Asker:
    """Whoever presses asks, and pays. The answer is a reply to the message with the button."""
    sender, shown, result = query.from_user, press.shown, press.result
    return Asker(
        user_id=sender.id,
        username=sender.username,
        language=sender.language_code,
        chat_id=shown.chat.id,
        chat_kind=shown.chat.type,
        message_id=press_number(query.id),
        thread_id=result.job.thread_id,
        name=sender.first_name,
        locale=language(),
        reply_to=shown.message_id,
        parent_id=result.job.id,
        lineage=lineage_of(result, order, press.number, shown.message_id),
    )


def lineage_of(result: Result, order: Order, number: int, message_id: int) -> Lineage | None:
    """None where there was no picture: a second try isn't told as one."""
    if not result.job.reason_data.get("made"):
        return None
    before = result.spec.wish.prompt
    return Lineage(
        kin=order.kin,
        message_id=message_id,
        picture=number or None,
        prompt=before if before != order.command.wish.prompt else "",
    )
