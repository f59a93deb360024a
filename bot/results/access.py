"""Whose presses count: the author's and the chat admins', in the chat the picture is in."""

from dataclasses import dataclass

from aiogram.types import CallbackQuery, InaccessibleMessage, Message

from bot.admins import Admins
from bot.results.callbacks import Pressed
from bot.usecases.chats import Chats
from bot.usecases.errors import ChatIsOff, NotInline, NotYourPicture
from bot.usecases.results import Result, Results

ShownMessage = Message | InaccessibleMessage


@dataclass(frozen=True, slots=True)
class Press:
    """A press that counts. number: as in `Result`. shown: the message with the button."""

    result: Result
    number: int
    shown: ShownMessage


class ResultAccess:
    def __init__(self, results: Results, admins: Admins, chats: Chats) -> None:
        self._results = results
        self._admins = admins
        self._chats = chats

    async def harmless(self, query: CallbackQuery, pressed: Pressed) -> Press:
        """For anyone in the chat. A client may send any data, also that of another chat's picture.

        Raises NotInline, ResultGone, NotReady, NotYourPicture.
        """
        if query.message is None:
            raise NotInline
        result = await self._results(pressed.job_id)
        if result.job.chat_id != query.message.chat.id:
            raise NotYourPicture
        return Press(result, pressed.number, query.message)

    async def managed(self, query: CallbackQuery, pressed: Pressed) -> Press:
        """For the author or an admin. Raises the same."""
        press = await self.harmless(query, pressed)
        if press.result.job.user_id != query.from_user.id and not await self._admins.pressed(query):
            raise NotYourPicture
        return press

    async def drawing(self, query: CallbackQuery, pressed: Pressed) -> Press:
        """For the author or an admin, where the bot draws. Raises the same, and ChatIsOff."""
        press = await self.managed(query, pressed)
        if await self._chats.is_off(press.result.job.chat_id):
            raise ChatIsOff
        return press
