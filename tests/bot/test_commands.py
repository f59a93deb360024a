"""What each command answers in a private chat, and how requests share the queue."""

import asyncio
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from structlog.testing import capture_logs

from bot.playground import Playground
from bot.texts import everyday as texts
from bot.usecases.imagine import MAX_WAITING
from providers.catalog import Offer
from providers.errors import GenerationFailed
from providers.testing import FAKE_OFFER, Behaviour, FakeProvider, fail, hang
from tests.bot.harness import ANN, BORIS, Flow, flow


def photo() -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(encoded, "PNG")
    return encoded.getvalue()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/start", "Try: /imagine a fox"),
        ("/START", "Try: /imagine a fox"),
        ("/start deep-link", "Try: /imagine a fox"),
        ("/help", "--ar 16:9"),
        ("/styles", "--style anime"),
        ("/models", "--model fake-model"),
        ("/cancel", "nothing waiting"),
        ("/enable", "for groups"),
        ("/imagine", "What shall I draw?"),
        ("/imagine   \n ", "What shall I draw?"),
        ("/imagine --ar 1:1", "no description"),
        ("/imagine@imagine_bot", "What shall I draw?"),
        ("hello", "begins with /imagine"),
        ("/unknown", "begins with /imagine"),
    ],
)
async def test_a_command_is_answered_by_a_reply(tmp_path: Path, command: str, words: str) -> None:
    async with flow(tmp_path) as chat:
        asked = await chat.say(command)
        answer = await chat.see_text(words)
        assert answer.reply_to_message_id == asked.message_id
        assert len(chat.bot_messages()) == 1


async def test_quota_tells_what_is_left_held_and_when_more_comes(tmp_path: Path) -> None:
    provider = FakeProvider([Behaviour(), hang()])
    async with flow(tmp_path, provider, daily_quota=10, quota_timezone="Asia/Tokyo") as chat:
        await chat.say("/imagine a fox --n 2")
        await chat.see_picture()
        await chat.say("/imagine a bear --n 3")
        await chat.see_text(" %")
        await chat.say("/quota")
        answer = (await chat.see_text("left")).words
        assert "5 units left" in answer and "3 units are held" in answer
        assert "5/10 today" in answer and "▰" in answer and "▱" in answer
        assert re.search(r"New units come in .+, tomorrow at 00:00 \(Tokyo\)", answer)


async def test_the_command_list_is_registered(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        listed = chat.playground.world.commands
        await chat.playground.wait_until(lambda: len(listed) == 2)
        everyone = {each["command"] for each in listed["default", ""]}
        admins = {each["command"] for each in listed["all_chat_administrators", ""]}
        assert everyone == set(texts.COMMANDS)
        assert admins == everyone | set(texts.GROUP_ADMIN_COMMANDS)


@pytest.mark.parametrize("how", ["caption", "reply"])
async def test_a_picture_is_declined_in_words_where_no_model_takes_one(
    tmp_path: Path, how: str
) -> None:
    async with flow(tmp_path) as chat:
        if how == "caption":
            await chat.send_photo(photo(), caption="/imagine a fox")
        else:
            (picture,) = await chat.send_photo(photo())
            await chat.say("/imagine a fox", reply_to=picture.message_id)
        await chat.see_text("None of my models can start from a picture")
        assert chat.provider.requests == [] and len(chat.bot_messages()) == 1


async def test_too_many_requests_are_told_the_seconds(tmp_path: Path) -> None:
    async with flow(tmp_path, max_requests_per_minute=2, daily_quota=100) as chat:
        for number in range(6):  # a minute may turn between them, but not three
            await chat.say(f"/imagine fox {number}")
        notice = await chat.see_text("a lot at once")
        seconds = re.search(r"Try again in (\d+) s", notice.words)
        assert seconds is not None and 1 <= int(seconds[1]) <= 60


async def test_what_runs_is_limited_and_the_rest_stands_in_line(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([hang()] * 9), max_running_per_user=2) as chat:
        for number in range(4):
            await chat.say(f"/imagine fox {number}")
        await chat.see_text("next in line")
        await chat.see_text("position 2")
        await chat.playground.wait_until(
            lambda: sum(" %" in m.words for m in chat.bot_messages()) == 2
        )
        assert len(chat.provider.requests) == 2


async def test_a_user_with_one_request_comes_second_not_last(tmp_path: Path) -> None:
    gate = asyncio.Event()
    provider = FakeProvider([Behaviour(until=gate)], max_concurrency=1)
    async with flow(tmp_path, provider, max_running_per_user=1) as chat:
        for number in range(5):
            await chat.say(f"/imagine mine {number}")
        await chat.playground.wait_until(lambda: len(chat.bot_messages()) == 5)
        await chat.say("/imagine yours", user=BORIS)
        await chat.see_text("yours", chat=BORIS)
        gate.set()
        await chat.see_picture(chat=BORIS)
        await chat.playground.wait_until(
            lambda: sum(m.photo is not None for m in chat.bot_messages()) == 5, 20
        )
        order = [request.prompt for request in provider.requests]
        assert order.index("yours") <= 1 + 1  # one runs already, and one turn may be Ann's
        assert [prompt for prompt in order if prompt != "yours"] == [
            f"mine {number}" for number in range(5)
        ]


@pytest.mark.parametrize("choice", ["deliver", "spoiler", "block"])
async def test_unchecked_pictures_are_shown_as_the_owner_chose(tmp_path: Path, choice: str) -> None:
    async with flow(tmp_path, unchecked_pictures=choice) as chat:
        await chat.say("/imagine a fox")
        if choice == "block":
            message = await chat.see_text("could not be checked")
            assert message.photo is None and "cost you nothing" in message.words
            assert not [file for file in (tmp_path / "pictures").rglob("*") if file.is_file()]
        else:
            picture = await chat.see_picture()
            assert picture.has_spoiler is (choice == "spoiler")


ONE_AT_A_TIME: Offer = replace(FAKE_OFFER, max_images=1)


async def test_of_four_pictures_three_come_and_three_are_paid_for(tmp_path: Path) -> None:
    script = [Behaviour(), fail(GenerationFailed("fake")), Behaviour(), Behaviour()]
    provider = FakeProvider(script, offers=(ONE_AT_A_TIME,))
    async with flow(tmp_path, provider, daily_quota=10) as chat:
        await chat.say("/imagine a fox --n 4")
        picture = await chat.see_picture()
        assert "1 of 4 was not made; you paid for 3" in picture.words
        await chat.say("/quota")
        assert "7 units" in (await chat.see_text("left")).words


def break_quotas(chat: Flow) -> None:
    async def broken(user_id: int) -> None:
        raise RuntimeError(f"a bug met user {user_id}")

    data = chat.app.edge._dispatcher.workflow_data
    data["services"] = replace(data["services"], show_quota=broken)


async def test_a_bug_in_a_handler_gives_a_reference_that_is_in_the_log(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        break_quotas(chat)
        with capture_logs() as logs:
            await chat.say("/quota")
            answer = await chat.see_text("Something went wrong")
        reference = re.search(r"reference: (\w+)", answer.words)
        assert reference is not None and "bug" not in answer.words
        (line,) = [each for each in logs if each["log_level"] == "error"]
        assert line["reference"] == reference[1] and line["exc_info"]
        await chat.say("/imagine a fox")
        await chat.see_picture()


async def test_a_provider_taken_out_of_the_settings_ends_its_jobs_in_words(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        await leave_a_job_of(tmp_path, "retired", playground)
        async with flow(tmp_path, playground=playground) as chat:
            message = await chat.see_text("isn't available any more")
            assert "a fox" in message.words and "Cancel" not in str(message.buttons)
            assert len(chat.bot_messages()) == 2


async def leave_a_job_of(data_dir: Path, name: str, playground: Playground) -> None:
    """A bot stops with one job unfinished, and a duration of its provider on record."""
    offer = replace(FAKE_OFFER, provider=name)
    provider = FakeProvider([Behaviour(), hang()], name=name, offers=(offer,))
    async with flow(data_dir, provider, playground=playground) as chat:
        await chat.say("/imagine a bear", user=ANN)
        await chat.see_picture()
        await chat.say("/imagine a fox", user=ANN)
        await chat.see_text(" %")


async def test_one_user_can_not_fill_the_queue(tmp_path: Path) -> None:
    provider = FakeProvider([hang()], max_concurrency=1)
    async with flow(tmp_path, provider, daily_quota=1000) as chat:
        for number in range(MAX_WAITING + 2):
            await chat.say(f"/imagine fox {number}")
        await chat.see_text(f"{MAX_WAITING} requests waiting", timeout=180)
