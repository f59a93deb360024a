"""Replies to what the bot said: other words for its picture, or the words it asked for."""

from collections.abc import Sequence
from typing import Any

from aiogram import F
from aiogram.filters import Command
from aiogram.types import Message

from bot.askers import lineage_of, read_command, writer_of
from bot.parsing import ImagineCommand, ParseError, split_command
from bot.pictures.in_messages import given_with
from bot.results.callbacks import result_shown_in
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import everyday as texts
from bot.usecases.errors import ResultGone
from bot.usecases.orders import Order
from bot.usecases.questions import Question
from bot.usecases.results import Result


async def to_own_picture(message: Message, services: Services) -> bool | dict[str, Any]:
    """Whether it replies to a picture of ours, made in this chat: `result`, `number` as in it."""
    shown = message.reply_to_message
    if shown is None or not _is_ours(shown) or not (shown.photo or shown.document):
        return False
    if (found := result_shown_in(shown)) is None:
        return False
    job_id, number = found
    try:
        result = await services.results(job_id)
    except ResultGone:
        return False  # a photo like any other
    return result.job.chat_id == message.chat.id and {"result": result, "number": number}


async def to_question(message: Message, services: Services) -> bool | dict[str, Any]:
    """Whether it replies to our question for words: `question`."""
    asked = message.reply_to_message
    if asked is None or not _is_ours(asked) or not message.text:
        return False
    if split_command(message.text).command not in ("", "imagine"):
        return False
    question = await services.questions.of_message(message.chat.id, asked.message_id)
    return question is not None and {"question": question}


async def remix(
    message: Message,
    services: Services,
    result: Result,
    number: int,
    album: Sequence[Message] = (),
) -> None:
    assert message.reply_to_message is not None  # noqa: S101 - the filter's condition
    if (said := await _read(message, services)) is None:
        return
    given = given_with(message, album, services.files)
    order = services.orders.remixed(result, number, said, given)
    shown = message.reply_to_message.message_id
    await _draw(message, shown, result, order, number=number, services=services)


async def reword(message: Message, services: Services, question: Question) -> None:
    anonymous = message.sender_chat is not None and message.sender_chat.id == message.chat.id
    if author_id(message) != question.user_id and not anonymous:
        return  # what others say below it is theirs
    if (said := await _read(message, services)) is None:
        return
    result = await services.results(question.job_id)
    number, shown = question.number, question.message_id
    order = services.orders.reworded(result, number, said)
    await _draw(message, shown, result, order, number=number, services=services)


async def _read(message: Message, services: Services) -> ImagineCommand | None:
    """None where it can't be read, which is said then."""
    words = split_command(message.text or message.caption or "").rest
    said = read_command(words, services.engines)
    if isinstance(said, ParseError):
        await services.answers.refuse(message, texts.parse_error(said))
        return None
    return said


async def _draw(
    message: Message, shown: int, result: Result, order: Order, *, number: int, services: Services
) -> None:
    lineage = lineage_of(result, order, number, shown)
    asker = writer_of(message, parent_id=result.job.id, lineage=lineage)
    accepted = await services.imagine(order.command, asker, order.given)
    if accepted.created:
        services.worker.ring()
        services.board.announce(accepted.job)


def _is_ours(message: Message) -> bool:
    return message.from_user is not None and message.from_user.id == _own_id(message)


def _own_id(message: Message) -> int:
    assert message.bot is not None  # noqa: S101 - updates are bound to their bot
    return message.bot.id


def create_router() -> Router:
    """In a group people talk about a picture below it: there only the command draws."""
    router = Router(name="remix")
    router.message.register(reword, to_question)
    router.message.register(remix, Command("imagine", ignore_case=True), to_own_picture)
    router.message.register(
        remix, F.chat.type == "private", F.text, ~F.text.startswith("/"), to_own_picture
    )
    return router
