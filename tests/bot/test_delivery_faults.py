"""A finished job meets whatever Telegram, people and the disk can do to it on its way to the chat."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.playground import Call, Message, faults
from bot.playground.errors import ApiError
from bot.playground.faults import Fault, Kind, When
from bot.playground.methods_edit import NOT_MODIFIED
from bot.telegram.pace import backoff
from providers.catalog import Sizes
from providers.errors import GenerationFailed
from providers.testing import FAKE_OFFER, Behaviour, FakeProvider, hang
from storage.records import DeliveryState, JobState
from tests.bot.harness import ANN, BORIS, GROUP, Flow, flow
from tests.fakes.fast_clock import FastClock

NEW_GROUP = -1002000000002
MOVED = Fault(
    Kind.REFUSE,
    When.INSTEAD,
    ApiError(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": NEW_GROUP},
    ),
)
PASSING = {  # faults after which trying again leads to the outcome in the status message
    "flood": faults.flood(3),
    "server error": faults.SERVER_ERROR,
    "html from a proxy": faults.BAD_GATEWAY,
    "reset before": faults.RESET_BEFORE,
    "reset after": faults.RESET_AFTER,
    "not modified": faults.refusal(400, f"Bad Request: {NOT_MODIFIED}"),
}


@dataclass(frozen=True)
class Drawn:
    """A job held at its last moment: `finish` gives it its outcome, which `method` will show."""

    status: Message
    gate: asyncio.Event
    method: str

    def finish(self) -> None:
        self.gate.set()


def fast_flow(
    tmp_path: Path, script: Iterable[Behaviour], speed: float = 20
) -> AbstractAsyncContextManager[Flow]:
    clock = FastClock(speed)
    return flow(tmp_path, FakeProvider(script, clock=clock), clock=clock)


@asynccontextmanager
async def drawing(
    tmp_path: Path,
    *,
    fails: bool = False,
    chat: int = ANN,
    text: str = "/imagine a fox",
    speed: float = 20,
) -> AsyncIterator[tuple[Flow, Drawn]]:
    """A flow with one job whose status is steady, so that the next call for it is its delivery's."""
    gate = asyncio.Event()
    failure = GenerationFailed("fake") if fails else None
    async with fast_flow(tmp_path, [Behaviour(until=gate, failure=failure)], speed) as running:
        if chat == GROUP:
            await running.turn_on()
        await running.say(text, chat=chat)
        status = await running.see_text("75 %", chat=chat)
        yield running, Drawn(status, gate, "editMessageText" if fails else "editMessageMedia")


def shows_outcome(message: Message, *, fails: bool) -> bool:
    if fails:
        return "failed on this request" in message.words
    return message.photo is not None and "a fox" in message.words


def outcomes(chat: Flow, chat_id: int = ANN, *, fails: bool = False) -> list[Message]:
    return [m for m in chat.bot_messages(chat_id) if shows_outcome(m, fails=fails)]


both = pytest.mark.parametrize("fails", [False, True], ids=["picture", "failure"])


@both
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
async def test_a_passing_fault_delays_the_outcome_and_doubles_nothing(
    tmp_path: Path, fault: Fault, fails: bool
) -> None:
    async with drawing(tmp_path, fails=fails) as (chat, drawn):
        planted = chat.playground.faults.add(drawn.method, fault)
        drawn.finish()
        job = await chat.delivered()
        assert planted.times == 0
        assert job.delivery is DeliveryState.DELIVERED
        if fault is PASSING["not modified"]:  # it shows the outcome, says Telegram
            return
        assert [m.message_id for m in outcomes(chat, fails=fails)] == [drawn.status.message_id]
        assert len(chat.bot_messages()) == 1


async def test_an_answer_that_never_comes_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    async with drawing(tmp_path) as (chat, drawn):
        chat.app.edge._bot.session.timeout = 0.3
        chat.playground.faults.add("editMessageMedia", faults.HANG_AFTER)
        drawn.finish()
        assert (await chat.delivered()).delivery is DeliveryState.DELIVERED
        assert len(outcomes(chat)) == len(chat.bot_messages()) == 1


def sent_to(chat: Flow, chat_id: int) -> list[Call]:
    return [c for c in chat.playground.calls if c.params.get("chat_id") == chat_id]


async def test_retry_after_is_obeyed_to_the_second_and_holds_up_no_other_chat(
    tmp_path: Path,
) -> None:
    seconds = 30
    # Slow enough for another chat's picture to be made and shown while this one waits.
    async with drawing(tmp_path, speed=4) as (chat, drawn):
        chat.playground.faults.add("editMessageMedia", faults.flood(seconds), chat_id=ANN)
        drawn.finish()
        flooded = await chat.playground.wait_until(
            lambda: next((c for c in chat.calls("editMessageMedia", ANN) if not c.ok), None)
        )
        await chat.say("/help")
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_picture(chat=BORIS)
        await chat.see_picture()
        await chat.see_text("Options")
        number = chat.playground.calls.index(flooded)
        after = [c for c in chat.playground.calls[number + 1 :] if c.params.get("chat_id") == ANN]
        assert after
        assert all((call.at - flooded.at).total_seconds() >= seconds for call in after)
        served = next(c for c in chat.calls("editMessageMedia", BORIS) if c.ok)
        assert (served.at - flooded.at).total_seconds() < seconds


async def test_retry_after_is_obeyed_by_work_that_was_under_way(tmp_path: Path) -> None:
    """Another answer to the chat learns of the 429 while this picture is being prepared."""
    seconds = 30
    async with drawing(tmp_path) as (chat, drawn):
        chat.playground.faults.add("sendMessage", faults.flood(seconds), chat_id=ANN)
        release, ready = asyncio.Event(), asyncio.Event()
        load = chat.app.delivery._messages._media._blobs.get

        async def slow_disk(key: str) -> bytes:
            ready.set()
            await release.wait()
            return await load(key)

        chat.app.delivery._messages._media._blobs.get = slow_disk
        drawn.finish()
        await ready.wait()
        await chat.say("/help")
        flooded = await chat.playground.wait_until(
            lambda: next((c for c in chat.calls("sendMessage", ANN) if c.answer and not c.ok), None)
        )
        while not chat.app.delivery._pace.closed_for(ANN):  # noqa: ASYNC110 - it rings no bell
            await asyncio.sleep(0.01)
        release.set()
        await chat.see_picture()
        picture = next(c for c in chat.calls("editMessageMedia", ANN))
        assert (picture.at - flooded.at).total_seconds() >= seconds


@both
async def test_a_deleted_status_message_is_replaced_by_a_reply(tmp_path: Path, fails: bool) -> None:
    async with drawing(tmp_path, fails=fails) as (chat, drawn):
        await chat.playground.delete_message(ANN, drawn.status.message_id)
        drawn.finish()
        assert (await chat.delivered()).delivery is DeliveryState.DELIVERED
        (message,) = outcomes(chat, fails=fails)
        assert chat.bot_messages() == [message]
        assert message.reply_to_message_id == drawn.status.reply_to_message_id


@both
async def test_a_deleted_command_changes_nothing(tmp_path: Path, fails: bool) -> None:
    async with drawing(tmp_path, fails=fails) as (chat, drawn):
        await chat.playground.delete_message(ANN, drawn.status.reply_to_message_id or 0)
        drawn.finish()
        await chat.delivered()
        assert len(outcomes(chat, fails=fails)) == 1


async def test_with_command_and_status_deleted_the_picture_still_comes(tmp_path: Path) -> None:
    async with drawing(tmp_path) as (chat, drawn):
        await chat.playground.delete_message(ANN, drawn.status.reply_to_message_id or 0)
        await chat.playground.delete_message(ANN, drawn.status.message_id)
        drawn.finish()
        await chat.delivered()
        (message,) = outcomes(chat)
        assert message.reply_to_message_id is None and len(chat.bot_messages()) == 1


async def test_a_user_who_blocked_the_bot_keeps_the_picture_in_the_history(tmp_path: Path) -> None:
    async with drawing(tmp_path) as (chat, drawn):
        await chat.playground.block(ANN)
        drawn.finish()
        job = await chat.delivered()
        assert job.state is JobState.SUCCEEDED
        assert job.delivery is DeliveryState.UNDELIVERABLE
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_picture(chat=BORIS)
        await chat.playground.unblock(ANN)
        await chat.say("/quota")
        assert "19 units" in (await chat.see_text("left")).words


async def test_a_group_that_kicked_the_bot_gets_nothing_more(tmp_path: Path) -> None:
    async with drawing(tmp_path, chat=GROUP) as (chat, drawn):
        await chat.playground.kick(GROUP)
        drawn.finish()
        assert (await chat.delivered()).delivery is DeliveryState.UNDELIVERABLE
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_picture(chat=BORIS)


@pytest.mark.parametrize(
    "words",
    [
        "Bad Request: PHOTO_INVALID_DIMENSIONS",
        "Bad Request: IMAGE_PROCESS_FAILED",
        "Bad Request: PHOTO_SAVE_FILE_INVALID",
        "Request Entity Too Large",
    ],
)
@pytest.mark.parametrize("count", [1, 3])
async def test_a_refused_photo_becomes_a_document(tmp_path: Path, words: str, count: int) -> None:
    async with drawing(tmp_path, text=f"/imagine a fox --n {count}") as (chat, drawn):
        code = 413 if "Entity" in words else 400
        chat.playground.faults.add("editMessageMedia", faults.refusal(code, words))
        drawn.finish()
        assert (await chat.delivered()).delivery is DeliveryState.DELIVERED
        (message,) = chat.bot_messages()
        assert message.message_id == drawn.status.message_id
        assert message.document is not None and "a fox" in message.words
        assert message.document.media_type == ("image/png" if count == 1 else "image/jpeg")


@pytest.mark.parametrize("size", [(2100, 100), (9000, 1600)], ids=["ratio", "sides"])
async def test_a_picture_that_can_be_no_photo_comes_as_a_document(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    offer = replace(FAKE_OFFER, sizes=Sizes(sides=(64,), default=size))
    async with flow(tmp_path, FakeProvider(offers=(offer,))) as chat:
        await chat.say("/imagine a fox")
        message = await chat.see(lambda m: m.document is not None)
        assert "a fox" in message.words and len(chat.bot_messages()) == 1
        assert len(chat.calls("editMessageMedia")) == 1


async def test_no_right_to_send_photos_is_told_in_words(tmp_path: Path) -> None:
    async with drawing(tmp_path, chat=GROUP) as (chat, drawn):
        refusal = faults.refusal(400, "Bad Request: not enough rights to send photos to the chat")
        chat.playground.faults.add("editMessageMedia", refusal, times=99)
        drawn.finish()
        message = await chat.see_text("right to send photos", chat=GROUP)
        assert message.message_id == drawn.status.message_id and "Cancel" not in str(
            message.buttons
        )
        assert (await chat.delivered()).delivery is DeliveryState.DELIVERED


@both
async def test_the_outcome_follows_a_group_to_its_supergroup(tmp_path: Path, fails: bool) -> None:
    async with drawing(tmp_path, chat=GROUP, fails=fails) as (chat, drawn):
        chat.playground.add_group(NEW_GROUP, "Picture club", {ANN: "creator"})
        await chat.playground.add_bot(NEW_GROUP, by=ANN)
        chat.playground.faults.add("*", MOVED, times=99, chat_id=GROUP)
        drawn.finish()
        assert (await chat.delivered()).delivery is DeliveryState.DELIVERED
        assert len(outcomes(chat, NEW_GROUP, fails=fails)) == 1
        assert len(chat.bot_messages(NEW_GROUP)) == 1
        assert all(
            call.params["reply_parameters"]["message_id"] > 0
            for call in chat.calls("sendMessage", NEW_GROUP)
            if "reply_parameters" in call.params
        )
        await chat.say("/imagine a bear", chat=NEW_GROUP)
        await chat.see_text("a bear", chat=NEW_GROUP)


async def test_a_deleted_topic_does_not_swallow_the_picture(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with fast_flow(tmp_path, [Behaviour(until=gate)]) as chat:
        chat.playground.add_group(NEW_GROUP, "Forum", {ANN: "creator"}, is_forum=True)
        await chat.turn_on(NEW_GROUP)
        topic = await chat.playground.add_topic(NEW_GROUP, "Foxes", by=ANN)
        await chat.say("/imagine a fox", chat=NEW_GROUP, thread_id=topic)
        await chat.see_text("75 %", chat=NEW_GROUP)
        forum = chat.playground.world.chats[NEW_GROUP]
        del forum.topics[topic]
        forum.messages.clear()
        gate.set()
        assert (await chat.delivered()).delivery is DeliveryState.DELIVERED
        assert len(outcomes(chat, NEW_GROUP)) == len(chat.bot_messages(NEW_GROUP)) == 1


@pytest.mark.parametrize("fault", [faults.SERVER_ERROR, faults.BAD_GATEWAY, faults.RESET_BEFORE])
async def test_while_telegram_is_down_nothing_is_lost(tmp_path: Path, fault: Fault) -> None:
    async with drawing(tmp_path) as (chat, drawn):
        chat.playground.faults.add("*", fault, times=100_000)
        drawn.finish()
        await chat.playground.wait_until(lambda: len(chat.calls("editMessageMedia")) >= 2)
        await chat.say("/imagine a bear")
        assert not outcomes(chat)
        chat.playground.faults.clear()
        await chat.see_text("a fox")
        await chat.playground.wait_until(
            lambda: len([m for m in chat.bot_messages() if m.photo]) == 2
        )
        assert len(chat.bot_messages()) == 2


def test_days_of_tries_do_not_break_the_arithmetic() -> None:
    """2.0 to the power of 1024 is no float: that many tries are 17 hours of Telegram being down."""
    assert [backoff(failures, 60.0) for failures in (1, 2, 3, 7)] == [1, 2, 4, 60]
    assert backoff(5000, 60.0) == 60


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("damage", ["missing", "truncated", "empty"])
async def test_a_picture_lost_on_disk_ends_visibly_and_stops_no_other(
    tmp_path: Path, damage: str, count: int
) -> None:
    gate = asyncio.Event()
    async with fast_flow(tmp_path, [Behaviour(until=gate)]) as chat:
        chat.playground.faults.add("editMessageMedia", faults.SERVER_ERROR, times=99)
        await chat.say(f"/imagine a fox --n {count}")
        await chat.see_text("75 %")
        gate.set()
        await chat.playground.wait_until(lambda: chat.calls("editMessageMedia"))
        for file in (tmp_path / "pictures").rglob("*"):
            if file.is_file():
                spoil(file, damage)
        chat.playground.faults.clear()
        with capture_logs() as logs:
            await chat.see_text("picture was lost")
            job = await chat.delivered()
        assert job.state is JobState.SUCCEEDED
        (message,) = chat.bot_messages()
        assert "%" not in message.words and "Cancel" not in str(message.buttons)
        crashes = [line for line in logs if "reference" in line]
        assert crashes and crashes[0]["reference"] in message.words
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_picture(chat=BORIS)


def spoil(file: Path, damage: str) -> None:
    if damage == "missing":
        file.unlink()
    else:
        content = file.read_bytes()
        file.chmod(0o600)
        file.write_bytes(content[: len(content) // 2] if damage == "truncated" else b"")


class Unforeseen(Exception):
    """What nobody thought of."""


async def test_a_bug_in_one_delivery_stops_no_other(tmp_path: Path) -> None:
    async with drawing(tmp_path) as (chat, drawn):

        async def broken(key: str) -> bytes:
            raise Unforeseen(key)

        blobs = chat.app.delivery._messages._media._blobs
        chat.app.delivery._messages._media._blobs = type(
            "Broken", (), {"get": staticmethod(broken)}
        )()
        drawn.finish()
        await chat.see_text("picture was lost")
        chat.app.delivery._messages._media._blobs = blobs
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_picture(chat=BORIS)


@both
@pytest.mark.parametrize(
    "fault",
    [
        faults.flood(2),
        faults.SERVER_ERROR,
        faults.BAD_GATEWAY,
        faults.RESET_BEFORE,
        faults.RESET_AFTER,
    ],
    ids=["flood", "500", "502", "reset before", "reset after"],
)
async def test_a_fault_on_the_status_message_costs_no_outcome(
    tmp_path: Path, fault: Fault, fails: bool
) -> None:
    failure = GenerationFailed("fake") if fails else None
    async with fast_flow(tmp_path, [Behaviour(failure=failure)]) as chat:
        chat.playground.faults.add("sendMessage", fault)
        await chat.say("/imagine a fox")
        assert (await chat.delivered()).delivery is DeliveryState.DELIVERED
        assert len(outcomes(chat, fails=fails)) == 1
        lost = 1 if fault is faults.RESET_AFTER else 0  # sent, but the bot can't know it
        assert len(chat.bot_messages()) == 1 + lost


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
async def test_a_fault_on_a_status_edit_leaves_the_status_alive(
    tmp_path: Path, fault: Fault
) -> None:
    gate = asyncio.Event()
    async with fast_flow(tmp_path, [Behaviour(until=gate)]) as chat:
        chat.playground.faults.add("editMessageText", fault)
        await chat.say("/imagine a fox")
        if fault is not PASSING["not modified"]:
            await chat.see_text("75 %")
        gate.set()
        await chat.delivered()
        assert len(outcomes(chat)) == len(chat.bot_messages()) == 1


async def test_a_status_message_whose_answer_was_lost_is_found_by_its_cancel_button(
    tmp_path: Path,
) -> None:
    async with flow(tmp_path, FakeProvider([hang()])) as chat:
        chat.playground.faults.add("sendMessage", faults.RESET_AFTER)
        await chat.say("/imagine a fox")
        status = await chat.see(lambda m: bool(m.buttons))
        answer = await chat.playground.press(ANN, ANN, status.message_id, "Cancel")
        assert answer is not None
        ended = await chat.see_text("Canceled")
        assert ended.message_id == status.message_id
        assert len(chat.bot_messages()) == 1
