from collections.abc import Sequence
from dataclasses import replace

from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.askers import read_command, writer_of
from bot.parsing import ParseError
from bot.pictures.in_messages import given_with
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import everyday as texts


async def imagine(
    message: Message,
    command: CommandObject,
    services: Services,
    album: Sequence[Message] = (),
) -> None:
    await draw(message, command.args or "", services, album)


async def draw(
    message: Message,
    text: str,
    services: Services,
    album: Sequence[Message] = (),
    *,
    reply_is_picture: bool = True,
) -> bool:
    """False where it was refused. reply_is_picture: a picture replied to is one to start from."""
    parsed = read_command(text, services.engines)
    if isinstance(parsed, ParseError):
        await services.answers.refuse(message, texts.parse_error(parsed))
        return False
    given = given_with(message, album, services.files)
    if not reply_is_picture:
        given = replace(given, replied=())
    accepted = await services.imagine(parsed, writer_of(message), given)
    if accepted.created:
        services.worker.ring()
        services.board.announce(accepted.job)
    return True


def create_router() -> Router:
    router = Router(name="imagine")
    router.message.register(imagine, Command("imagine", ignore_case=True))
    return router
