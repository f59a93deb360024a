"""/history and /show: everything one has had drawn, page by page, for oneself alone."""

import asyncio
import io
from pathlib import Path

from PIL import Image

from bot.pictures.contact_sheet import GAP, SIDE, contact_sheet
from bot.playground import Message, Playground
from bot.usecases.show_history import ON_A_PAGE
from providers.errors import GenerationFailed
from providers.testing import FakeProvider, censor_picture, fail, hang
from storage.records import DeliveryState
from tests.bot.harness import ANN, BORIS, GROUP, PATIENCE, Flow, flow
from tests.bot.pictures_to_send import encoded, photo
from tests.bot.test_guided import labels, press


async def drawn(chat: Flow, count: int, *, first: int = 1) -> None:
    for number in range(first, first + count):
        await chat.say(f"/imagine fox {number}")
        await chat.delivered(number)


async def page(chat: Flow, part: str = "Your pictures") -> Message:
    return await chat.see(lambda m: part in m.words and "Close" in labels(m))


def listed(shown: Message) -> list[str]:
    return [line.split(" · ")[0] for line in shown.words.splitlines()[2:]]


async def test_pages_lead_to_the_oldest_and_back(tmp_path: Path) -> None:
    async with flow(tmp_path, daily_quota=100) as chat:
        await drawn(chat, ON_A_PAGE + 2)
        await chat.say("/history")
        newest = await page(chat)
        assert listed(newest)[0] == "1. fox 11" and len(listed(newest)) == ON_A_PAGE
        assert newest.photo is not None and newest.photo.width == 3 * (SIDE + GAP) - GAP
        assert "◀ Newer" not in labels(newest)
        await press(chat, "Older")
        older = await page(chat, "fox 2")
        assert older.message_id == newest.message_id and listed(older) == ["1. fox 2", "2. fox 1"]
        assert "Older ▶" not in labels(older)
        await drawn(chat, 1, first=ON_A_PAGE + 3)  # a page stays what it is
        await press(chat, "Newer")
        assert listed(await page(chat, "fox 11"))[0] == "1. fox 11"
        await press(chat, "Newer")
        assert listed(await page(chat, "fox 12")) == ["1. fox 12"]
        await press(chat, "Close")
        await chat.playground.wait_until(
            lambda: newest.message_id not in {m.message_id for m in chat.bot_messages()}
        )


async def test_a_number_brings_the_picture_again_after_a_restart_as_well(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        async with flow(tmp_path, playground=playground) as chat:
            await drawn(chat, 2)
            await chat.say("/history")
            await page(chat)
        async with flow(tmp_path, playground=playground) as chat:
            assert not (await press(chat, "2")).show_alert
            await file_id_known(chat, 1)
            assert not (await press(chat, "2")).show_alert
            shown = [m for m in await pictures(chat, 5) if m.caption and "fox 1" in m.caption]
            again = [m for m in shown if "Your pictures" not in m.words]
            assert len(again) == 3 and len({m.caption for m in again}) == 1
            uploads = [bool(call.files) for call in chat.calls("sendPhoto")][-2:]
            assert uploads == [False, False]  # Telegram has it since it was delivered


async def file_id_known(chat: Flow, job_id: int) -> None:
    async def file_id() -> str | None:
        async with chat.app.delivery._storage.reading() as view:
            return (await view.artifacts.of_job(job_id))[0].file_id

    async with asyncio.timeout(PATIENCE):
        while await file_id() is None:  # noqa: ASYNC110 - a database has no event
            await asyncio.sleep(0.01)


async def pictures(chat: Flow, count: int) -> list[Message]:
    def found() -> list[Message] | None:
        shown = [m for m in chat.bot_messages() if m.photo]
        return shown if len(shown) >= count else None

    return await chat.playground.wait_until(found)


async def test_show_is_for_the_owner_alone(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await drawn(chat, 1)
        await chat.say("/show 1")
        await pictures(chat, 2)
        await chat.say("/show_1")
        await pictures(chat, 3)
        for text in ("/show 1", "/show 2", "/show 99999999999999999999999"):
            await chat.say(text, user=BORIS)
        await chat.playground.wait_until(lambda: len(chat.bot_messages(BORIS)) == 3)
        assert {m.words for m in chat.bot_messages(BORIS)} == {
            "You have no picture of this number, or it isn't kept any more. See /history."
        }
        await chat.say("/show me", user=BORIS)
        await chat.see_text("Tell me which picture", chat=BORIS)


async def test_in_a_group_only_what_was_drawn_there_is_shown(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await drawn(chat, 1)
        await chat.say("/imagine a wolf", chat=GROUP)
        await chat.delivered(2)
        await chat.say("/history", chat=GROUP)
        await chat.see_text("in our private chat", chat=GROUP)
        await chat.say("/show 1", chat=GROUP)
        await chat.see_text("no picture of this number", chat=GROUP)
        await chat.say("/show 2", chat=GROUP)

        def twice() -> bool:
            return sum(m.photo is not None for m in chat.bot_messages(GROUP)) == 2

        await chat.playground.wait_until(twice)
        assert not any("fox 1" in m.words for m in chat.bot_messages(GROUP))


async def test_what_could_not_be_delivered_is_there(tmp_path: Path) -> None:
    until = asyncio.Event()
    async with flow(tmp_path, FakeProvider([hang(until)])) as chat:
        await chat.say("/imagine a fox")
        await chat.see_text(" %")
        await chat.playground.block(ANN)
        until.set()
        job = await chat.delivered()
        assert job.delivery is DeliveryState.UNDELIVERABLE
        await chat.playground.unblock(ANN)
        await chat.say("/history")
        assert listed(await page(chat)) == ["1. a fox"]
        await press(chat, "1")
        await pictures(chat, 2)


async def test_only_pictures_are_listed(tmp_path: Path) -> None:
    script = [censor_picture("nudity"), fail(GenerationFailed("fake"))]
    async with flow(tmp_path, FakeProvider(script)) as chat:
        await chat.say("/history")
        await chat.see_text("no pictures yet")
        await drawn(chat, 3)
        await chat.say("/history")
        assert listed(await page(chat)) == ["1. fox 3"]


async def test_a_picture_that_is_not_kept_any_more_says_so(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await drawn(chat, 2)
        storage = chat.app.delivery._storage
        async with storage.transaction() as tx:
            await tx.artifacts.drop_of_job(1)
        async with storage.reading() as view:
            (lost,) = await view.artifacts.of_job(2)
        await chat.app.delivery._messages._media._blobs.delete(lost.sha256)
        await chat.say("/history")
        shown = await page(chat)
        assert "fox 1 · " in shown.words and "not kept any more" in shown.words
        answer = await press(chat, "2")
        assert answer.show_alert and "isn't kept any more" in answer.text
        before = len(chat.bot_messages())
        await press(chat, "1")  # its bytes are missing, but Telegram has it
        await chat.playground.wait_until(lambda: len(chat.bot_messages()) > before)
        assert chat.bot_messages()[-1].photo is not None


async def test_an_id_that_telegram_forgot_is_replaced_by_the_bytes(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await drawn(chat, 1)
        async with chat.app.delivery._storage.transaction() as tx:
            (artifact,) = await tx.artifacts.of_job(1)
            await tx.artifacts.set_file_id(artifact.id, "forgotten")
        await chat.say("/show 1")
        await pictures(chat, 2)


async def test_an_unchecked_picture_stays_covered(tmp_path: Path) -> None:
    async with flow(tmp_path, unchecked_pictures="spoiler") as chat:
        await drawn(chat, 1)
        await chat.say("/history")
        assert (await page(chat)).has_spoiler
        await press(chat, "1")
        assert all(m.has_spoiler for m in await pictures(chat, 3))


async def test_several_pictures_come_as_one_again(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine a fox --n 4")
        await chat.delivered()
        await chat.say("/history")
        assert "4 in one" in (await page(chat)).words
        await press(chat, "1")
        first, _, again = await pictures(chat, 3)
        assert first.photo is not None and again.photo is not None
        assert (first.photo.width, first.caption) == (again.photo.width, again.caption)


def test_a_sheet_has_room_for_what_is_missing_or_broken() -> None:
    good = encoded(photo((640, 400)), "PNG")
    sheet = Image.open(io.BytesIO(contact_sheet([good, None, b"broken", good])))
    assert sheet.size == (3 * (SIDE + GAP) - GAP, 2 * (SIDE + GAP) - GAP)
    grey = sheet.getpixel((SIDE + GAP + SIDE // 2, SIDE // 2))
    assert max(grey) - min(grey) < 12
    small = Image.open(io.BytesIO(contact_sheet([encoded(photo((16, 16)), "PNG")])))
    assert small.size == (SIDE, SIDE)
