"""Albums arrive in pieces: handled once, complete, and acknowledged no earlier than they are stored."""

import asyncio
from typing import Any

import pytest
from aiogram.types import Chat, Message, TelegramObject, Update

from bot.middlewares.albums import MOMENT, Albums
from tests.fakes.clock import START, FakeClock


def picture(number: int, *, caption: str | None = None, album: str | None = "a") -> Update:
    message = Message(
        message_id=number,
        date=START,
        chat=Chat(id=1, type="private"),
        media_group_id=album,
        caption=caption,
    )
    return Update(update_id=number, message=message)


class Desk:
    """The middleware before a handler that notes what it gets, and waits where `hold` is clear."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.albums = Albums(self.clock)
        self.handled: list[tuple[int, list[int]]] = []
        self.hold = asyncio.Event()
        self.hold.set()
        self.failure: Exception | None = None

    async def handler(self, event: TelegramObject, data: dict[str, Any]) -> None:
        assert isinstance(event, Update) and event.message is not None
        album = data.get("album", ())
        self.handled.append((event.message.message_id, [m.message_id for m in album]))
        await self.hold.wait()
        if self.failure:
            raise self.failure

    async def arrive(self, *updates: Update) -> list["asyncio.Task[None]"]:
        """Each handled on its own, as webhooks and polling do; returns once all are under way."""
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(self.albums(self.handler, each, {})) for each in updates]
        await self.clock.advance(0)
        return tasks


async def test_an_album_is_handled_once_and_in_order() -> None:
    desk = Desk()
    first = await desk.arrive(picture(12), picture(10))
    await desk.clock.advance(MOMENT / 2)
    second = await desk.arrive(picture(11, caption="/imagine a fox"))
    await desk.clock.advance(MOMENT * 0.9)
    assert desk.handled == []
    await desk.clock.advance(MOMENT * 0.2)
    assert desk.handled == [(11, [10, 11, 12])]
    await asyncio.gather(*first, *second)


async def test_no_picture_is_over_before_the_album_is_stored() -> None:
    desk = Desk()
    desk.hold.clear()
    tasks = await desk.arrive(picture(10, caption="/imagine a fox"), picture(11))
    await desk.clock.advance(MOMENT)
    assert desk.handled and not any(task.done() for task in tasks)
    desk.hold.set()
    await asyncio.gather(*tasks)


async def test_a_repeated_update_makes_the_album_no_larger_and_waits_no_longer() -> None:
    desk = Desk()
    tasks = await desk.arrive(picture(10, caption="/imagine"), picture(11))
    await desk.clock.advance(MOMENT / 2)
    tasks += await desk.arrive(picture(11))
    await desk.clock.advance(MOMENT / 2)
    await asyncio.gather(*tasks)
    assert desk.handled == [(10, [10, 11])]


async def test_other_albums_and_single_messages_are_not_mixed_in() -> None:
    desk = Desk()
    tasks = await desk.arrive(picture(10), picture(11, album="b"), picture(12, album=None))
    assert desk.handled == [(12, [])]
    await desk.clock.advance(MOMENT)
    await asyncio.gather(*tasks)
    assert sorted(desk.handled[1:]) == [(10, [10]), (11, [11])]


async def test_a_refusal_ends_the_album_for_all() -> None:
    desk = Desk()
    desk.failure = RuntimeError("told by the error handler")
    spokesman, other = await desk.arrive(picture(10, caption="/imagine"), picture(11))
    await desk.clock.advance(MOMENT)
    with pytest.raises(RuntimeError):
        await spokesman
    assert await other is None


async def test_an_album_cut_off_at_a_stop_is_acknowledged_in_no_part() -> None:
    desk = Desk()
    desk.hold.clear()
    spokesman, other = await desk.arrive(picture(10, caption="/imagine"), picture(11))
    await desk.clock.advance(MOMENT)
    spokesman.cancel()
    await asyncio.wait({spokesman})
    await desk.clock.advance(60)
    assert not other.done()
    other.cancel()
    await asyncio.wait({other})
