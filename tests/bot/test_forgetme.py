"""/forgetme in the chat: asked first, then done, and said."""

from pathlib import Path

from providers.testing import FakeProvider, hang, succeed
from storage.records import DeliveryState, JobState
from tests.bot.harness import ANN, BORIS, GROUP, flow
from tests.bot.test_people import OWNED_BY_ANN, answer


async def test_it_asks_deletes_everything_and_says_what(tmp_path: Path) -> None:
    provider = FakeProvider([succeed(), hang()])
    async with flow(tmp_path, provider, daily_quota=5, **OWNED_BY_ANN) as chat:
        await chat.say("/imagine a fox", user=BORIS)
        await chat.see_picture(chat=BORIS)
        await chat.say("/imagine a bear", user=BORIS)
        drawing = await chat.see_text(" %", chat=BORIS)
        question = await answer(chat, "/forgetme", user=BORIS)
        for words in ("settings", "pictures", "ban", "keyed hash"):
            assert words in question.words
        await chat.playground.press(BORIS, BORIS, question.message_id, "Keep everything")
        await chat.see_text("Nothing was deleted", chat=BORIS)
        question = await answer(chat, "/forgetme", user=BORIS)
        await chat.playground.press(BORIS, BORIS, question.message_id, "Forget me")
        done = await chat.see_text("Forgotten", chat=BORIS)
        assert "2 requests and 1 picture" in done.words and not done.buttons
        await chat.playground.wait_until(
            lambda: drawing.message_id not in {m.message_id for m in chat.bot_messages(BORIS)}
        )
        job = await chat.job(2)
        assert job is not None and job.user_id < -(2**62)
        assert (job.state, job.delivery) == (JobState.CANCELED, DeliveryState.UNDELIVERABLE)
        assert not [f for f in (tmp_path / "pictures").rglob("*") if f.is_file()]
        assert "never seen" in (await answer(chat, f"/user {BORIS}")).words
        assert "I don't know @boris" in (await answer(chat, "/user @boris")).words
        assert "4 units" in (await answer(chat, "/quota", user=BORIS)).words
        assert "4/5 today" in (await answer(chat, "/user @boris")).words


async def test_whoever_is_banned_may_be_forgotten_and_stays_banned(tmp_path: Path) -> None:
    async with flow(tmp_path, **OWNED_BY_ANN) as chat:
        await answer(chat, "/start", user=BORIS)
        await answer(chat, f"/ban {BORIS} forever spam")
        question = await answer(chat, "/forgetme", user=BORIS)
        await chat.playground.press(BORIS, BORIS, question.message_id, "Forget me")
        await chat.see_text("Forgotten", chat=BORIS)
        told = (await answer(chat, "/imagine a fox", user=BORIS)).words
        assert "any more" in told and "spam" in told
        assert "Banned for good: spam" in (await answer(chat, f"/user {BORIS}")).words


async def test_in_a_group_it_points_to_the_private_chat(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await chat.say("/forgetme", user=BORIS, chat=GROUP)
        await chat.see_text("in a private chat", chat=GROUP)
        assert chat.bot_messages(ANN) == []
