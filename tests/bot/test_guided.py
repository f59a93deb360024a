"""`/imagine` without words, as people use it: by buttons, in private, in groups and their topics."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.playground import Message, Playground, faults
from bot.playground.people import Answer
from bot.usecases.guided import DRAFTS_KEPT, LISTENS
from providers.testing import FAKE_OFFER, FakeProvider
from storage.records import Draft
from tests.bot.harness import ANN, BORIS, CHEN, GROUP, PATIENCE, Flow, flow
from tests.bot.pictures_to_send import encoded, photo
from tests.fakes.clock import FakeClock

TWO_MODELS = (FAKE_OFFER, replace(FAKE_OFFER, model="dear-model", cost=3))


def labels(message: Message) -> list[str]:
    return [button["text"] for button in message.buttons]


async def keyboard(chat: Flow, chat_id: int = ANN) -> Message:
    """The guided keyboard, once it is there (and known to be)."""
    shown = await chat.see(lambda m: any("Write" in each for each in labels(m)), chat=chat_id)
    await until(chat, lambda draft: draft.message_id == shown.message_id, chat_id)
    return shown


async def until(chat: Flow, holds, chat_id: int = ANN, user: int | None = None) -> Draft | None:
    user = user or (chat_id if chat_id > 0 else BORIS)

    async def draft() -> Draft | None:
        async with chat.app.delivery._storage.reading() as view:
            return await view.drafts.newest(chat_id, user, "guided")

    async with asyncio.timeout(PATIENCE):
        while (found := await draft()) is None or not holds(found):  # noqa: ASYNC110 - a database has no event
            await asyncio.sleep(0.01)
    return found


async def press(chat: Flow, button: str, *, user: int | None = None, chat_id: int = ANN) -> Answer:
    """On the message that has this button; its label may begin so."""

    def has(label: str) -> bool:
        return label == button if len(button) == 1 else button in label

    found = await chat.see(lambda m: any(map(has, labels(m))), chat=chat_id)
    label = next(filter(has, labels(found)))
    answer = await chat.playground.press(user or chat_id, chat_id, found.message_id, label)
    assert answer is not None
    return answer


async def choose(chat: Flow, page: str, choice: str, **where: int) -> None:
    await press(chat, page, **where)
    answer = await press(chat, choice, **where)
    assert not answer.show_alert
    await press_is_shown(chat, where.get("chat_id", ANN))


async def press_is_shown(chat: Flow, chat_id: int) -> None:
    """The first page is back."""
    await chat.see(lambda m: any("Write" in each for each in labels(m)), chat=chat_id)


async def gone(chat: Flow, message: Message) -> None:
    def is_gone() -> bool:
        return all(m.message_id != message.message_id for m in chat.bot_messages(message.chat_id))

    await chat.playground.wait_until(is_gone)


async def test_choices_by_buttons_then_the_words(tmp_path: Path) -> None:
    provider = FakeProvider(offers=TWO_MODELS)
    async with flow(tmp_path, provider) as chat:
        command = await chat.say("/imagine")
        shown = await keyboard(chat)
        assert shown.photo is not None and shown.reply_to_message_id == command.message_id
        assert "Style: Default" in shown.words and "1 to 3 units" in shown.words
        await choose(chat, "Shape", "16:9")
        await choose(chat, "Style:", "Anime")
        await choose(chat, "Pictures", "2")
        await choose(chat, "Model", "dear-model · 3 units")
        edited = await chat.see_text("dear-model")
        assert edited.message_id == shown.message_id and "6 units" in edited.words
        words = await chat.say("a fox in the snow")
        picture = await chat.see(lambda m: "anime" in m.words and m.photo is not None)
        assert picture.reply_to_message_id == words.message_id
        await gone(chat, shown)
        (request,) = provider.requests
        assert "a fox in the snow" in request.prompt and request.num_images == 2
        assert request.width > request.height
        job = await chat.delivered()
        assert job.model == "dear-model" and len(chat.bot_messages()) == 1


async def test_the_last_choices_are_marked_the_next_time_but_not_used_unasked(
    tmp_path: Path,
) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine")
        await keyboard(chat)
        await choose(chat, "Style:", "Neon")
        await choose(chat, "Shape", "3:4")
        await chat.say("a fox")
        await chat.delivered(1)
        await chat.say("/imagine a wolf")
        plain = await chat.delivered(2)
        assert plain.spec["wish"].get("style") is None
        await chat.say("/imagine")
        assert "Style: Neon · Shape: 3:4" in (await keyboard(chat)).words
        await press(chat, "Style:")
        await chat.see(lambda m: "✓ Neon" in labels(m))


async def test_what_was_chosen_but_never_drawn_is_not_remembered(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine")
        shown = await keyboard(chat)
        await choose(chat, "Style:", "Neon")
        await press(chat, "Close")
        await gone(chat, shown)
        await chat.say("/imagine")
        assert "Style: Default" in (await keyboard(chat)).words


async def test_options_in_the_words_count_more_than_buttons(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine")
        await keyboard(chat)
        await choose(chat, "Style:", "Neon")
        await choose(chat, "Pictures", "3")
        await chat.say("a fox --style watercolor --n 1")
        job = await chat.delivered()
        assert job.spec["wish"]["style"] == "watercolor" and job.cost == 1


async def test_any_style_is_one_of_them(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine")
        await keyboard(chat)
        await press(chat, "Style:")
        await press(chat, "Surprise me")
        shown = await chat.see(lambda m: any("Write" in each for each in labels(m)))
        assert "Style: " in shown.words and "Style: Default" not in shown.words


async def test_refused_words_leave_the_keyboard_open(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine")
        await keyboard(chat)
        await chat.say("a fox --styel neon")
        await chat.see_text("I don't know --styel")
        await chat.say("a fox")
        assert (await chat.delivered()).cost == 1


async def test_it_works_on_after_a_restart(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        async with flow(tmp_path, playground=playground) as chat:
            await chat.say("/imagine")
            shown = await keyboard(chat)
            await choose(chat, "Style:", "Watercolor")
        async with flow(tmp_path, playground=playground) as chat:
            await choose(chat, "Shape", "2:3")
            assert "Style: Watercolor · Shape: 2:3" in (await keyboard(chat)).words
            await chat.say("a fox")
            job = await chat.delivered()
            assert job.spec["wish"]["style"] == "watercolor"
            await gone(chat, shown)


async def test_in_a_topic_the_words_are_a_reply_to_the_question(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        forum = -1009
        chat.playground.add_group(forum, "Forum", {ANN: "creator", BORIS: "member"}, is_forum=True)
        topic = await chat.playground.add_topic(forum, "Art", ANN)
        await chat.turn_on(forum)
        await chat.say("/imagine", user=BORIS, chat=forum, thread_id=topic)
        shown = await keyboard(chat, forum)
        assert shown.thread_id == topic
        answer = await press(chat, "Write", user=BORIS, chat_id=forum)
        assert not answer.show_alert
        question = await chat.see_text("what shall I draw?", chat=forum)
        assert question.thread_id == topic
        reply = question.reply_markup or {}
        assert reply["force_reply"] and reply["selective"]
        await until(chat, lambda draft: draft.data.get("question_id") == question.message_id, forum)
        words = await chat.say(
            "a fox", user=BORIS, chat=forum, thread_id=topic, reply_to=question.message_id
        )
        job = await chat.delivered()
        assert (job.thread_id, job.message_id, job.user_id) == (topic, words.message_id, BORIS)
        await gone(chat, shown)


async def test_a_reply_to_the_keyboard_itself_will_do_and_is_no_picture_to_start_from(
    tmp_path: Path,
) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await chat.say("/imagine", user=BORIS, chat=GROUP)
        shown = await keyboard(chat, GROUP)
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP, reply_to=shown.message_id)
        job = await chat.delivered()
        assert job.spec["wish"]["prompt"] == "a fox" and "inputs" not in job.spec


async def test_others_words_and_presses_change_nothing(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await chat.say("/imagine", user=BORIS, chat=GROUP)
        shown = await keyboard(chat, GROUP)
        for button in ("Style:", "Write", "Close"):
            answer = await press(chat, button, user=CHEN, chat_id=GROUP)
            assert answer.show_alert and "whoever sent /imagine" in answer.text
        await chat.say("a fox", user=CHEN, chat=GROUP, reply_to=shown.message_id)
        await chat.say("a fox", user=BORIS, chat=GROUP)  # replies to nothing: not for the bot
        answer = await press(chat, "Close", user=ANN, chat_id=GROUP)  # an admin of the chat
        assert not answer.show_alert
        await gone(chat, shown)
        assert await chat.job() is None


async def test_one_keyboard_a_person_and_chat(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine")
        first = await keyboard(chat)
        await chat.say("/imagine")
        await gone(chat, first)
        assert (await keyboard(chat)).message_id != first.message_id


async def test_words_much_later_are_no_request(tmp_path: Path) -> None:
    clock = FakeClock()
    async with flow(tmp_path, clock=clock) as chat:
        await chat.say("/imagine")
        shown = await keyboard(chat)
        await clock.advance(LISTENS.total_seconds() + 1)
        await chat.say("thank you")
        await chat.see_text("begins with /imagine")
        await chat.say("a fox", reply_to=shown.message_id)
        await chat.job_until(lambda job: True)


async def test_an_old_keyboard_says_so_and_its_draft_is_removed(tmp_path: Path) -> None:
    clock = FakeClock()
    async with Playground.start(clock=clock) as playground:
        async with flow(tmp_path, clock=clock, playground=playground) as chat:
            await chat.say("/imagine")
            shown = await keyboard(chat)
        # Nobody is there to tick through it.
        await clock.advance((DRAFTS_KEPT + timedelta(minutes=1)).total_seconds())
        async with flow(tmp_path, clock=clock, playground=playground) as chat:
            answer = await press(chat, "Style:")
            assert answer.show_alert and "Send /imagine to begin anew" in answer.text
            await chat.say("/imagine", user=BORIS)
            await until(chat, lambda draft: True, BORIS)
            async with chat.app.delivery._storage.reading() as view:
                assert await view.drafts.newest(ANN, ANN, "guided") is None
            await press(chat, "Close")
            await gone(chat, shown)


async def test_where_no_picture_may_be_sent_the_keyboard_comes_without(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        chat.playground.faults.add(
            "sendPhoto", faults.refusal(400, "Bad Request: not enough rights to send photos")
        )
        await chat.say("/imagine")
        shown = await keyboard(chat)
        assert shown.photo is None
        await choose(chat, "Style:", "Neon")
        assert "Style: Neon" in (await keyboard(chat)).words


async def test_a_picture_that_came_along_needs_words_at_once(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.send_photo(encoded(photo((64, 64)), "JPEG"), caption="/imagine")
        await chat.see_text("Tell me what to draw")


@pytest.mark.parametrize("text", ["/quota", "/styles"])
async def test_other_commands_are_not_taken_for_the_words(tmp_path: Path, text: str) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/imagine")
        await keyboard(chat)
        await chat.say(text)
        await chat.playground.wait_until(lambda: len(chat.bot_messages()) == 2)
        assert await chat.job() is None


async def test_a_keyboard_opened_in_the_groups_name_is_its_admins(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await chat.say("/imagine", user=ANN, chat=GROUP, as_chat=GROUP)
        shown = await chat.see(lambda m: any("Write" in each for each in labels(m)), chat=GROUP)
        answer = await press(chat, "Style:", user=CHEN, chat_id=GROUP)
        assert answer.show_alert
        await choose(chat, "Style:", "Neon", user=ANN, chat_id=GROUP)
        await until(chat, lambda draft: draft.message_id is not None, GROUP, GROUP)
        await chat.say("a fox", user=ANN, chat=GROUP, as_chat=GROUP, reply_to=shown.message_id)
        job = await chat.delivered()
        assert (job.user_id, job.spec["wish"]["style"]) == (GROUP, "neon")
