"""Pictures sent together arrive as an update each, the words with one of them.

That one is handled, with all of them at hand as `album`; the others are over when it is, so that
none is acknowledged before what the album asks for is stored. Nothing says how many there are:
an album is complete when for a moment nothing more came.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import Message, TelegramObject, Update

from providers.clock import Clock

MOMENT = 1.0  # seconds without another picture

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]


@dataclass(slots=True)
class Album:
    newest_at: float  # on the monotonic clock
    messages: dict[int, Message] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def in_order(self) -> list[Message]:
        return [self.messages[number] for number in sorted(self.messages)]

    def spokesman(self) -> Message:
        messages = self.in_order()
        return next((message for message in messages if message.caption), messages[0])


class Albums(BaseMiddleware):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[tuple[int, str], Album] = {}

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        message = event.message if isinstance(event, Update) else None
        if message is None or message.media_group_id is None:
            return await handler(event, data)
        key = message.chat.id, message.media_group_id
        album = self._join(key, message)
        await self._settle(album)
        if message.message_id != album.spokesman().message_id:
            await album.over.wait()
            return None
        self._open.pop(key, None)  # whatever comes now is too late
        try:
            answer = await handler(event, data | {"album": album.in_order()})
        except Exception:  # told by the error handler: the album is over. A cancellation isn't:
            album.over.set()  # the whole album comes again then
            raise
        album.over.set()
        return answer

    def _join(self, key: tuple[int, str], message: Message) -> Album:
        now = self._clock.monotonic()
        album = self._open.setdefault(key, Album(now))
        if message.message_id not in album.messages:
            album.newest_at = now
        album.messages[message.message_id] = message
        return album

    async def _settle(self, album: Album) -> None:
        while (left := album.newest_at + MOMENT - self._clock.monotonic()) > 0:
            await self._clock.sleep(left)
