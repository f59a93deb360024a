"""/settings: what is chosen there counts where a command doesn't say, and nowhere else."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.playground import Message, Playground
from providers.testing import FAKE_OFFER, FakeProvider
from tests.bot.harness import ANN, BORIS, GROUP, Flow, flow
from tests.bot.test_guided import TWO_MODELS, keyboard, labels, press


async def panel(chat: Flow) -> Message:
    return await chat.see(lambda m: any("Close" in each for each in labels(m)))


async def choose(chat: Flow, page: str, choice: str, shown: str) -> None:
    await press(chat, page)
    answer = await press(chat, choice)
    assert not answer.show_alert
    await chat.see(lambda m: shown in labels(m))


async def test_a_plain_imagine_goes_by_the_settings(tmp_path: Path) -> None:
    provider = FakeProvider(offers=TWO_MODELS)
    async with flow(tmp_path, provider) as chat:
        command = await chat.say("/settings")
        shown = await panel(chat)
        assert shown.reply_to_message_id == command.message_id and shown.photo is None
        await choose(chat, "Style:", "Watercolor", "Style: Watercolor")
        await choose(chat, "Shape", "3:2", "Shape: 3:2")
        await choose(chat, "Model", "dear-model · 3 units", "Model: dear-model")
        (still,) = chat.bot_messages()
        assert still.message_id == shown.message_id and "Style: Watercolor" in still.words
        await chat.say("/imagine a fox")
        job = await chat.delivered(1)
        assert (job.model, job.spec["wish"]["style"]) == ("dear-model", "watercolor")
        assert job.spec["wish"]["aspect_ratio"] == [3, 2]
        await chat.say("/imagine a fox --style neon --ar 1:1 --model fake-model")
        said = await chat.delivered(2)
        assert (said.model, said.spec["wish"]["style"]) == ("fake-model", "neon")
        await press(chat, "Close")
        await chat.playground.wait_until(
            lambda: shown.message_id not in {m.message_id for m in chat.bot_messages()}
        )


async def test_a_choice_is_taken_back(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/settings")
        await choose(chat, "Style:", "Neon", "Style: Neon")
        await choose(chat, "Style:", "No preference", "Style: not set")
        await chat.say("/imagine a fox")
        assert "style" not in (await chat.delivered()).spec["wish"]


async def test_settings_are_marked_in_the_guided_keyboard_until_something_else_was_drawn(
    tmp_path: Path,
) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/settings")
        await choose(chat, "Style:", "Neon", "Style: Neon")
        await chat.say("/imagine")
        assert "Style: Neon" in (await keyboard(chat)).words


async def test_the_settings_speak_the_language_chosen_there(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        async with flow(tmp_path, playground=playground) as chat:
            await chat.say("/settings")
            await press(chat, "Language")
            await press(chat, "Русский")
            await chat.see(lambda m: any("Русский" in each for each in labels(m)))
        async with flow(tmp_path, playground=playground) as chat:
            async with chat.app.delivery._storage.reading() as view:
                user = await view.users.get(ANN)
            assert user is not None and user.locale == "ru"


async def test_settings_are_each_persons_own(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/settings")
        await choose(chat, "Style:", "Neon", "Style: Neon")
        await chat.say("/imagine a fox", user=BORIS)
        assert "style" not in (await chat.delivered()).spec["wish"]


async def test_in_a_group_they_are_not_shown(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await chat.say("/settings", chat=GROUP)
        await chat.see_text("in our private chat", chat=GROUP)


@pytest.mark.parametrize("count", [1, 3])
async def test_the_originals_come_along_as_files(tmp_path: Path, count: int) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/settings")
        await press(chat, "Originals")
        await chat.see_text("as a file in full quality")
        await chat.say(f"/imagine a fox --n {count}")
        picture = await chat.see_picture()

        def files() -> list[Message]:
            return [m for m in chat.bot_messages() if m.document is not None]

        await chat.playground.wait_until(lambda: len(files()) == count)
        for file in files():
            assert file.document is not None and file.document.media_type == "image/png"
            assert file.reply_to_message_id == picture.message_id


async def test_in_a_group_no_files_follow(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.say("/settings")
        await press(chat, "Originals")
        await chat.see_text("as a file in full quality")
        await chat.turn_on()
        await chat.say("/imagine a fox", chat=GROUP)
        await chat.delivered()
    assert not any(m.document for m in chat.bot_messages(GROUP))


async def test_a_model_that_is_no_more_is_as_if_it_were_not_chosen(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        first = FakeProvider(offers=TWO_MODELS)
        async with flow(tmp_path, first, playground=playground) as chat:
            await chat.say("/settings")
            await choose(chat, "Model", "dear-model · 3 units", "Model: dear-model")
        other = FakeProvider(offers=(FAKE_OFFER, replace(FAKE_OFFER, model="third")))
        async with flow(tmp_path, other, playground=playground) as chat:
            await press(chat, "Style:")
            await press(chat, "Back")
            await chat.see(lambda m: "Model: automatic" in labels(m))
            await chat.say("/imagine a fox")
            assert (await chat.delivered()).model == "fake-model"
