"""One /imagine from the message to the picture, by polling and by webhook."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from providers.errors import GenerationFailed, OutOfCredit
from providers.testing import (
    FakeProvider,
    censor_picture,
    censor_prompt,
    fail,
    hang,
    refuse,
    succeed,
)
from storage.postgres import PostgresStorage
from storage.records import JobState
from tests.bot.harness import ANN, BORIS, CHEN, GROUP, Flow, flow
from tests.storage.databases import postgres_database


async def group_on(chat: Flow) -> None:
    await chat.playground.add_bot(GROUP, by=ANN)
    await chat.say("/enable", user=ANN, chat=GROUP)
    await chat.see_text("I'm on", chat=GROUP)


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_imagine_turns_one_message_into_the_picture(tmp_path: Path, webhook: bool) -> None:
    async with flow(tmp_path, webhook=webhook) as chat:
        command = await chat.say("/imagine a fox in the snow --seed 7 --ar 1:1 --style anime")
        picture = await chat.see_picture()
        assert picture.reply_to_message_id == command.message_id
        assert picture.caption is not None
        for fact in ("a fox in the snow", "fake-model", "anime", "1:1", "seed 7"):
            assert fact in picture.caption
        assert picture.photo is not None and picture.photo.media_type == "image/jpeg"
        assert "Again" in [button["text"] for button in picture.buttons]
        assert len(chat.bot_messages()) == 1


@pytest.fixture
def postgres_url() -> Iterator[str]:
    with postgres_database() as url:
        yield url


@pytest.mark.postgres
async def test_the_flow_over_postgresql(tmp_path: Path, postgres_url: str) -> None:
    """A picture, a cancel and a refusal; then a second start finds it all in the database."""
    provider = FakeProvider([succeed(), hang()])
    async with flow(tmp_path, provider, database_url=postgres_url, daily_quota=3) as chat:
        assert isinstance(chat.app.delivery._storage, PostgresStorage)
        await chat.say("/imagine a fox --n 2")
        await chat.see_picture()
        await chat.say("/imagine a wolf")
        status = await chat.see_text(" %")
        await chat.say("/imagine one more")
        await chat.see_text("You have 0 units left")
        await chat.playground.press(ANN, ANN, status.message_id, "Cancel")
        await chat.see_text("Canceled")
        await chat.delivered(2)
    async with flow(tmp_path, database_url=postgres_url, daily_quota=3) as again:
        await again.say("/quota")
        await again.see_text("1 unit")
        states = [job.state for number in (1, 2) if (job := await again.job(number))]
        assert states == [JobState.SUCCEEDED, JobState.CANCELED]


async def test_a_finished_job_is_charged_once(tmp_path: Path) -> None:
    async with flow(tmp_path, daily_quota=5) as chat:
        await chat.say("/imagine a fox --n 2")
        await chat.see_picture()
        await chat.say("/quota")
        assert "3 units" in (await chat.see_text("left")).words


async def test_status_shows_progress_and_a_cancel_button(tmp_path: Path) -> None:
    provider = FakeProvider([hang()])
    async with flow(tmp_path, provider) as chat:
        await chat.say("/imagine a fox")
        status = await chat.see_text(" %")
        answer = await chat.playground.press(ANN, ANN, status.message_id, "Cancel")
        assert answer is not None
        ended = await chat.see_text("Canceled")
        assert ended.message_id == status.message_id
        assert [each["text"] for each in ended.buttons] == ["Again", "Edit prompt"]
        assert len(provider.cancels) == 1
        await chat.say("/quota")
        assert "20 units" in (await chat.see_text("left")).words


async def test_only_the_author_may_cancel(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([hang()])) as chat:
        await group_on(chat)
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        status = await chat.see(lambda m: bool(m.buttons), chat=GROUP)
        answer = await chat.playground.press(CHEN, GROUP, status.message_id, "Cancel")
        assert answer is not None and answer.show_alert
        answer = await chat.playground.press(ANN, GROUP, status.message_id, "Cancel")
        assert answer is not None and not answer.show_alert
        await chat.see_text("Canceled", chat=GROUP)


async def test_cancel_command_ends_waiting_and_running_jobs(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([hang()] * 5), max_running_per_user=1) as chat:
        await chat.say("/imagine one")
        await chat.say("/imagine two")
        await chat.playground.wait_until(lambda: len(chat.bot_messages()) == 2)
        await chat.say("/cancel")
        await chat.see_text("Canceled 2 requests")
        await chat.playground.wait_until(
            lambda: sum("Canceled." in m.words for m in chat.bot_messages()) == 2
        )


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (censor_prompt("violence"), "censored this description"),
        (censor_picture("nudity"), "censored the picture"),
        (fail(GenerationFailed("fake", "secret detail of the service")), "failed on this request"),
        (refuse(OutOfCredit("fake", "buy more at example")), "credit is used up"),
    ],
)
async def test_a_bad_end_is_told_in_words_and_costs_nothing(
    tmp_path: Path, behaviour, words: str
) -> None:
    async with flow(tmp_path, FakeProvider([behaviour])) as chat:
        await chat.say("/imagine a fox")
        message = await chat.see_text(words)
        assert "cost you nothing" in message.words
        assert "detail" not in message.words and "example" not in message.words
        assert message.photo is None
        await chat.say("/quota")
        await chat.see_text("20 units")


async def test_twenty_requests_at_once_on_a_budget_of_one(tmp_path: Path) -> None:
    async with flow(tmp_path, daily_quota=1) as chat:
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(chat.say(f"/imagine fox {number}"))
        await chat.playground.wait_until(lambda: len(chat.bot_messages()) == 20, 20)
        await chat.see_picture()
        pictures = [m for m in chat.bot_messages() if m.photo]
        refusals = [m for m in chat.bot_messages() if "You have 0 units left" in m.words]
        assert len(pictures) == 1 and len(refusals) == 19
        assert len(chat.provider.requests) == 1


async def test_two_hundred_users_at_once_are_all_served(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        users = range(5000, 5200)
        for user in users:
            chat.playground.add_user(user, f"User {user}")
        async with asyncio.TaskGroup() as group:
            for user in users:
                group.create_task(chat.say("/imagine a fox", user=user))

        def everyone_has_one() -> bool:
            return all(any(m.photo for m in chat.bot_messages(user)) for user in users)

        await chat.playground.wait_until(everyone_has_one, 180)
        assert all(len(chat.bot_messages(user)) == 1 for user in users)


async def test_several_pictures_come_as_one_grid(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine a fox --n 4 --ar 256x256")
        picture = await chat.see_picture()
        assert picture.photo is not None and picture.photo.width > 500
        assert len(chat.bot_messages()) == 1
