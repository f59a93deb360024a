"""Inline mode: own pictures at once and new ones through the storage chat, in chats the bot isn't in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import open_app
from bot.playground import ANN, BORIS, CHEN, GROUP, Message, Playground, faults
from bot.playground.errors import ApiError
from bot.playground.records import InlineQuery
from bot.usecases.errors import NotYours
from providers.errors import GenerationFailed
from providers.testing import Behaviour, FakeProvider, censor_picture, censor_prompt, fail, hang
from storage.records import DeliveryState, JobState
from tests.bot.harness import Flow, flow, running, settings_for
from tests.fakes.fast_clock import FastClock

STORAGE = -1002000000050
DRAW = "draw"


@asynccontextmanager
async def inline_flow(data_dir: Path, *script: Behaviour, **settings: Any) -> AsyncIterator[Flow]:
    """A bot with a storage chat, in no other."""
    settings = {"storage_chat_id": STORAGE, **settings}
    clock = settings.setdefault("clock", FastClock(8))
    async with flow(data_dir, FakeProvider(script, clock=clock), **settings) as chat:
        chat.playground.add_group(STORAGE, "Storage", {ANN: "creator"})
        await chat.playground.add_bot(STORAGE, by=ANN)
        yield chat


async def type_words(chat: Flow, words: str, *, user: int = ANN, place: int = GROUP) -> InlineQuery:
    query = await chat.playground.ask_inline(user, place, words)
    assert query.answer is not None
    return query


async def draw(chat: Flow, words: str = "a fox", *, user: int = ANN, place: int = GROUP) -> Message:
    """The message that is to become a picture."""
    query = await type_words(chat, words, user=user, place=place)
    return await chat.playground.choose(query.id, DRAW)


def shown(chat: Flow, said: Message) -> Message:
    return chat.playground.world.chats[said.chat_id].messages[said.message_id]


async def shows(chat: Flow, said: Message, part: str) -> Message:
    """The message, once it says this."""
    await chat.playground.wait_until(lambda: part in shown(chat, said).words)
    return shown(chat, said)


async def becomes_picture(chat: Flow, said: Message) -> Message:
    await chat.playground.wait_until(lambda: shown(chat, said).photo)
    return shown(chat, said)


def offered(query: InlineQuery) -> list[str]:
    assert query.answer is not None
    return list(query.answer.results)


def above(query: InlineQuery) -> str:
    """What the button above the results says."""
    assert query.answer is not None
    return str((query.answer.button or {}).get("text", ""))


async def test_a_picture_is_drawn_where_the_bot_is_not(tmp_path: Path) -> None:
    async with inline_flow(tmp_path) as chat:
        query = await type_words(chat, "a fox in the snow --seed 7 --n 4")
        assert query.answer is not None
        (result,) = query.answer.results.values()
        assert result.title == "Draw: a fox in the snow" and "1 unit" in result.description
        said = await chat.playground.choose(query.id, DRAW)
        assert "1 unit" in said.words and "a fox in the snow" in said.words
        message = await becomes_picture(chat, said)
        assert "fake-model" in message.words and "seed 7" in message.words
        assert message.sender.id == ANN and not message.buttons
        (stored,) = chat.bot_messages(STORAGE)
        assert stored.photo is not None and not stored.words, "nobody's words go there"
        assert chat.calls("sendPhoto")[0].params["disable_notification"] is True
        assert chat.bot_messages(ANN) == []
        await chat.say("/quota")
        await chat.see_text("19 units")


async def test_one_sends_own_pictures_at_once(tmp_path: Path) -> None:
    """Those delivered in a chat too; without a word all, with words those that have them all."""
    async with inline_flow(tmp_path) as chat:
        await chat.say("/imagine a Fox in the snow")
        await chat.see_picture()
        await chat.say("/imagine лиса & волк")
        await chat.delivered(2)
        await becomes_picture(chat, await draw(chat, "a snow hare"))
        await chat.delivered(3)
        everything = await type_words(chat, "")
        assert offered(everything) == ["picture-3", "picture-2", "picture-1"]
        assert "Type what to draw" in above(everything)
        assert offered(await type_words(chat, "SNOW")) == [DRAW, "picture-3", "picture-1"]
        assert offered(await type_words(chat, "snow fox")) == [DRAW, "picture-1"]
        russian = await type_words(chat, "Волк")
        assert offered(russian) == [DRAW, "picture-2"]
        said = await chat.playground.choose(russian.id, "picture-2")
        assert said.photo is not None and said.words == "лиса & волк" and not said.buttons
        assert offered(await type_words(chat, "snow", user=BORIS)) == [DRAW], "each their own"


async def test_a_sheet_of_several_is_no_single_picture(tmp_path: Path) -> None:
    async with inline_flow(tmp_path) as chat:
        await chat.say("/imagine a fox --n 2")
        await chat.delivered()
        assert offered(await type_words(chat, "")) == []


async def test_covered_pictures_are_not_suggested(tmp_path: Path) -> None:
    async with inline_flow(tmp_path, unchecked_pictures="spoiler") as chat:
        message = await becomes_picture(chat, await draw(chat))
        assert message.has_spoiler and chat.bot_messages(STORAGE)[0].has_spoiler
        await chat.delivered()
        assert offered(await type_words(chat, "")) == []


async def test_without_a_storage_chat_there_are_old_pictures_only(tmp_path: Path) -> None:
    async with inline_flow(tmp_path, storage_chat_id=None) as chat:
        await chat.say("/imagine a fox")
        await chat.delivered()
        query = await type_words(chat, "fox")
        assert offered(query) == ["picture-1"] and "private chat" in above(query)
        assert query.answer is not None and query.answer.button is not None
        await chat.playground.start_bot(ANN, query.answer.button["start_parameter"])
        await chat.see_text("I draw pictures from words")


async def test_an_old_offer_is_refused_where_the_storage_chat_is_gone(tmp_path: Path) -> None:
    async with inline_flow(tmp_path) as chat:
        query = await type_words(chat, "a fox")
        chat.app.edge._dispatcher["services"].inline.can_draw = False
        await shows(chat, await chat.playground.choose(query.id, DRAW), "/imagine in a private")
        assert await chat.job() is None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("a fox --styel anime", "I don't know --styel"),
        ("--ar 1:1", "Type what to draw"),
        ("a fox --ar", "--ar needs a value"),
        ('a fox --no "blur', "is never closed"),
    ],
)
async def test_what_cant_be_read_is_said_above_the_results(
    tmp_path: Path, words: str, reason: str
) -> None:
    async with inline_flow(tmp_path) as chat:
        query = await type_words(chat, words)
        assert offered(query) == [] and reason in above(query)


async def test_typing_writes_nothing_and_counts_for_nothing(tmp_path: Path) -> None:
    async with inline_flow(tmp_path, max_requests_per_minute=1) as chat:
        before = await stored_users(chat)
        for length in range(1, 9):
            await type_words(chat, "a red fox"[:length], user=CHEN)
        assert await stored_users(chat) == before
        await becomes_picture(chat, await draw(chat, user=CHEN))


async def stored_users(chat: Flow) -> object:
    async with chat.app.delivery._storage.reading() as view:
        return await view.users.get(CHEN)


async def test_the_banned_find_nothing(tmp_path: Path) -> None:
    async with inline_flow(tmp_path) as chat:
        await chat.say("/imagine a fox")
        await chat.delivered()

        async def nobody(*_: object) -> None:
            raise NotYours

        chat.app.edge._dispatcher["services"].imagine._rules_of_entry = (nobody,)
        query = await type_words(chat, "fox")
        assert offered(query) == [] and not above(query)


# Refusals and bad ends, in the message itself.


async def test_a_refusal_is_written_into_the_message(tmp_path: Path) -> None:
    async with inline_flow(tmp_path, daily_quota=0) as chat:
        message = await shows(chat, await draw(chat), "This needs 1 unit")
        assert not message.buttons and chat.bot_messages(ANN) == []
        assert await chat.job() is None


async def test_a_prompt_against_the_rules_is_refused_there(tmp_path: Path) -> None:
    async with inline_flow(tmp_path) as chat:
        await shows(chat, await draw(chat, "hentai"), "own rules")
        assert chat.calls("sendPhoto") == []


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (censor_prompt("violence"), "censored this description"),
        (censor_picture("nudity"), "censored the picture"),
        (fail(GenerationFailed("fake", "secret detail of the service")), "failed on this request"),
    ],
)
async def test_a_bad_end_is_told_in_the_message(
    tmp_path: Path, behaviour: Behaviour, words: str
) -> None:
    async with inline_flow(tmp_path, behaviour) as chat:
        message = await shows(chat, await draw(chat), words)
        assert "cost you nothing" in message.words and message.photo is None
        assert chat.bot_messages(STORAGE) == []


async def test_progress_and_cancel_in_the_message(tmp_path: Path) -> None:
    async with inline_flow(tmp_path, hang()) as chat:
        said = await draw(chat)
        await shows(chat, said, " %")
        press = chat.playground.press
        others = await press(BORIS, GROUP, said.message_id, "Cancel")
        assert others is not None and others.show_alert
        own = await press(ANN, GROUP, said.message_id, "Cancel")
        assert own is not None and not own.show_alert
        message = await shows(chat, said, "Canceled")
        assert not message.buttons and chat.bot_messages(ANN) == []
        await chat.say("/quota")
        await chat.see_text("20 units")


async def test_cancel_in_the_private_chat_reaches_it_too(tmp_path: Path) -> None:
    async with inline_flow(tmp_path, hang()) as chat:
        said = await draw(chat)
        await shows(chat, said, " %")
        await chat.say("/cancel")
        await shows(chat, said, "Canceled")


async def test_without_feedback_the_button_says_what_is_missing(tmp_path: Path) -> None:
    async with inline_flow(tmp_path) as chat:
        chat.playground.world.inline_feedback = False
        said = await draw(chat)
        answer = await chat.playground.press(ANN, GROUP, said.message_id, "waiting")
        assert answer is not None and "inline feedback" in answer.text


async def test_the_first_button_cancels_as_well(tmp_path: Path) -> None:
    """Nothing is shown yet, as its edit fails."""
    async with inline_flow(tmp_path, hang()) as chat:
        chat.playground.faults.add("editMessageText", faults.SERVER_ERROR, times=1000)
        said = await draw(chat)
        await chat.job_until(lambda job: job.state is JobState.RUNNING)
        answer = await chat.playground.press(ANN, GROUP, said.message_id, "waiting")
        assert answer is not None and not answer.show_alert
        chat.playground.faults.clear()
        await shows(chat, said, "Canceled")


# The storage chat.


async def test_a_storage_chat_that_refuses_is_told_to_the_owner_once(tmp_path: Path) -> None:
    async with inline_flow(tmp_path, admin_ids=frozenset({CHEN})) as chat:
        await chat.playground.start_bot(CHEN)
        await chat.playground.kick(STORAGE)
        for words in ("a fox", "a wolf"):
            message = await shows(chat, await draw(chat, words), "I can't bring it here")
            assert message.photo is None
        await chat.say("/quota", user=CHEN)  # what is said to Chen keeps its order
        await chat.see_text("as much as you like", chat=CHEN)
        alerts = [m for m in chat.bot_messages(CHEN) if "storage chat" in m.words]
        assert len(alerts) == 1 and str(STORAGE) in alerts[0].words
        job = await chat.delivered(2)
        assert job.state is JobState.SUCCEEDED and job.delivery is DeliveryState.DELIVERED


async def test_a_storage_chat_that_moved_is_followed(tmp_path: Path) -> None:
    async with inline_flow(tmp_path, admin_ids=frozenset({CHEN})) as chat:
        await chat.playground.start_bot(CHEN)
        chat.playground.add_group(STORAGE - 1, "Storage", {ANN: "creator"})
        await chat.playground.add_bot(STORAGE - 1, by=ANN)
        moved = "Bad Request: group chat was upgraded to a supergroup chat"
        parameters = {"migrate_to_chat_id": STORAGE - 1}
        error = ApiError(400, moved, parameters)
        upgraded = faults.Fault(faults.Kind.REFUSE, faults.When.INSTEAD, error)
        chat.playground.faults.add("sendPhoto", upgraded)
        await becomes_picture(chat, await draw(chat))
        assert len(chat.bot_messages(STORAGE - 1)) == 1
        await chat.see_text(str(STORAGE - 1), chat=CHEN)


async def test_a_429_of_the_storage_chat_is_waited_out(tmp_path: Path) -> None:
    async with inline_flow(tmp_path) as chat:
        chat.playground.faults.add("sendPhoto", faults.flood(1))
        await becomes_picture(chat, await draw(chat))
        assert len(chat.bot_messages(STORAGE)) == 1


async def test_an_edit_that_fails_does_not_upload_again(tmp_path: Path) -> None:
    async with inline_flow(tmp_path) as chat:
        chat.playground.faults.add("editMessageMedia", faults.SERVER_ERROR)
        chat.playground.faults.add("editMessageMedia", faults.flood(1))
        await becomes_picture(chat, await draw(chat))
        assert len(chat.bot_messages(STORAGE)) == 1


async def test_an_upload_whose_answer_is_lost_leaves_a_stray_at_most(tmp_path: Path) -> None:
    async with inline_flow(tmp_path) as chat:
        chat.playground.faults.add("sendPhoto", faults.RESET_AFTER)
        said = await draw(chat)
        await becomes_picture(chat, said)
        await chat.delivered()
        assert len(chat.bot_messages(STORAGE)) == 2
        assert len([m for m in chat.playground.messages(GROUP) if m.photo]) == 1


async def test_a_message_that_is_gone_leaves_the_picture_in_the_history(tmp_path: Path) -> None:
    async with inline_flow(tmp_path, hang()) as chat:
        said = await draw(chat)
        await shows(chat, said, " %")
        await chat.playground.delete_message(GROUP, said.message_id)
        await chat.say("/cancel")
        job = await chat.delivered()
        assert job.delivery is DeliveryState.UNDELIVERABLE


async def test_a_crash_between_upload_and_edit_repeats_the_edit_alone(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        playground.add_group(STORAGE, "Storage", {ANN: "creator"})
        await playground.add_bot(STORAGE, by=ANN)
        chosen = settings_for(playground, tmp_path, storage_chat_id=STORAGE)
        fake = FakeProvider()
        playground.faults.add("editMessageMedia", faults.SERVER_ERROR, times=1000)
        async with open_app(chosen, providers={fake.name: fake}) as app, running(app):
            chat = Flow(playground, app, fake)
            said = await draw(chat)
            await playground.wait_until(lambda: chat.calls("editMessageMedia"))
        playground.faults.clear()
        async with open_app(chosen, providers={fake.name: fake}) as app, running(app):
            chat = Flow(playground, app, fake)
            await becomes_picture(chat, said)
        assert len(chat.bot_messages(STORAGE)) == 1 and len(fake.requests) == 1


# Languages and odd words.


async def test_each_is_spoken_to_in_their_language(tmp_path: Path) -> None:
    async with inline_flow(tmp_path, hang(), daily_quota=1) as chat:
        chat.playground.set_language(ANN, "ru")
        said = await draw(chat, "лиса")
        drawing = await shows(chat, said, " %")
        await shows(chat, await draw(chat, "волк"), "кредит")
        await chat.playground.press(
            ANN, GROUP, said.message_id, drawing.buttons[0]["callback_data"]
        )
        await shows(chat, said, "Отменено.")
