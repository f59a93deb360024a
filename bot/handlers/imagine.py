from collections.abc import Sequence

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot import texts
from bot.message_pictures import given_with
from bot.parsing import ImagineCommand, ParseError, parse_imagine
from bot.replies import author_id
from bot.services import Services
from bot.usecases.engines import Engines
from bot.usecases.imagine import Asker


async def imagine(
    message: Message,
    command: CommandObject,
    services: Services,
    album: Sequence[Message] = (),
) -> None:
    parsed = _parse(command.args or "", services.engines)
    if isinstance(parsed, ParseError):
        await services.answers.refuse(message, texts.parse_error(parsed))
        return
    given = given_with(message, album, services.files)
    accepted = await services.imagine(parsed, _asker(message), given)
    if accepted.created:
        services.worker.ring()
        services.board.announce(accepted.job)


def _parse(text: str, engines: Engines) -> ImagineCommand | ParseError:
    return parse_imagine(
        text,
        styles=engines.styles,
        models=engines.models,
        providers=list(engines.providers),
        schedulers=engines.schedulers,
    )


def _asker(message: Message) -> Asker:
    sender = message.from_user
    return Asker(
        user_id=author_id(message),
        username=sender.username if sender else None,
        language=sender.language_code if sender else None,
        chat_id=message.chat.id,
        chat_kind=message.chat.type,
        message_id=message.message_id,
        thread_id=message.message_thread_id if message.is_topic_message else None,
    )


def create_router() -> Router:
    router = Router(name="imagine")
    router.message.register(imagine, Command("imagine", ignore_case=True))
    return router
