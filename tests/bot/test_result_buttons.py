"""The buttons under a result: who may press which, what each does, and that it still does later."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Message, Playground, wire
from bot.playground.people import Answer
from bot.results.callbacks import Action, RatioPressed, ResultPressed, StylePressed, short_name
from providers.catalog import Range
from providers.errors import GenerationFailed
from providers.testing import FAKE_OFFER, FakeProvider, censor_prompt, fail, hang
from providers.types import Mode
from storage.records import JobState
from tests.bot.harness import ANN, BORIS, CHEN, GROUP, Flow, flow
from tests.bot.pictures_to_send import decoded, encoded, painted, photo
from tests.fakes.faults import hang as hang_until
from tests.fakes.moderation import KEY, FakeModeration

OFFER = replace(FAKE_OFFER, modes=frozenset(Mode), strength=Range(0, 1, 0.7))
FORUM = -1002000000009


def provider(*script: object, offers: tuple[object, ...] = (OFFER,)) -> FakeProvider:
    return FakeProvider(script, offers=offers)


async def drawn(chat: Flow, command: str = "/imagine a fox --ar 16:9", /, **who: Any) -> Message:
    """The message of a first, finished result."""
    await chat.say(command, **who)
    await chat.delivered(1)
    return await chat.see(
        lambda m: len(m.buttons) > 2, chat=who.get("chat") or who.get("user") or ANN
    )


async def press(chat: Flow, message: Message, button: str, user: int = ANN) -> Answer:
    answer = await chat.playground.press(user, message.chat_id, message.message_id, button)
    assert answer is not None
    return answer


async def next_picture(chat: Flow, job_id: int = 2, place: int = ANN) -> Message:
    """The finished message of a job asked for by a button."""
    job = await chat.delivered(job_id)
    return await chat.see(lambda m: m.message_id == job.status_message_id, chat=place)


def labels(message: Message) -> list[str]:
    return [button["text"] for button in message.buttons]


def shown(chat: Flow, message: Message) -> Message:
    """The message as it is now."""
    return chat.playground.world.chats[message.chat_id].messages[message.message_id]


def data_of(action: Action, job_id: int = 1, number: int = 0) -> str:
    return ResultPressed(action=action, job_id=job_id, number=number).pack()


async def forged(chat: Flow, message: Message | None, data: str, user: int = ANN) -> dict[str, Any]:
    """The answer to a press with any data, under a message or (None) an inline result."""
    world = chat.playground.world
    place = world.chats[message.chat_id if message else user]
    query = world.ask(user, place, message or next(iter(place.messages.values())))
    where = {"message": wire.message(message, world)} if message else {"inline_message_id": "AAA"}
    facts = {"id": query.id, "from": wire.user(world.users[user]), "chat_instance": "1"}
    world.updates.add("callback_query", facts | where | {"data": data})
    await chat.playground.wait_until(lambda: query.answer)
    return query.answer or {}


async def noted(chat: Flow, question: Message) -> None:
    """Until the bot knows which message its question is; people never answer so fast."""
    async with asyncio.timeout(30):
        while True:
            async with chat.app.delivery._storage.reading() as view:
                if await view.drafts.of_message(question.chat_id, question.message_id):
                    return


# What is there.


async def test_every_result_has_its_buttons(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        picture = await drawn(chat, "/imagine a fox --seed 7")
        assert labels(picture) == [
            *("Again", "Vary", "HD", "Ratio", "Style"),
            *("Edit prompt", "Copy prompt", "Copy seed", "File", "Delete"),
        ]
        copied = {b["text"]: b["copy_text"]["text"] for b in picture.buttons if "copy_text" in b}
        assert copied == {"Copy prompt": "a fox", "Copy seed": "7"}


async def test_what_no_offer_can_do_has_no_button(tmp_path: Path) -> None:
    plain = replace(FAKE_OFFER, seed=False, guidance=None)
    async with flow(tmp_path, provider(offers=(plain,))) as chat:
        picture = await drawn(chat)
        assert not {"Vary", "HD"} & set(labels(picture))
        for action, words in ((Action.VARY, "can vary"), (Action.LARGER, "larger")):
            answer = await forged(chat, picture, data_of(action))
            assert answer["show_alert"] and words in answer["text"]


async def test_what_failed_can_be_tried_again_as_it_was(tmp_path: Path) -> None:
    async with flow(tmp_path, provider(fail(GenerationFailed("fake", "x")))) as chat:
        await chat.say("/imagine a fox --seed 7")
        failed = await chat.see_text("cost you nothing")
        assert labels(failed) == ["Again", "Edit prompt"]
        await press(chat, failed, "Again")
        picture = await next_picture(chat)
        assert "seed 7" in picture.words and "another try" not in picture.words


async def test_what_was_censored_can_be_put_in_other_words(tmp_path: Path) -> None:
    async with flow(tmp_path, provider(censor_prompt())) as chat:
        await chat.say("/imagine a fox")
        assert labels(await chat.see(lambda m: bool(m.buttons and m.edits))) == ["Edit prompt"]


# Again, and again, and later.


async def test_again_draws_the_same_wish_with_another_seed(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat, "/imagine a fox --style anime --ar 16:9 --seed 7")
        answer = await press(chat, first, "Again")
        assert "new seed instead of 7" in answer.text and not answer.show_alert
        second = await next_picture(chat)
        before, after = chat.provider.requests
        assert after.model_copy(update={"seed": 7}) == before and after.seed != 7
        assert second.reply_to_message_id == first.message_id
        assert "↳ another try of this picture" in second.words
        job = await chat.job(2)
        assert job is not None and (job.parent_id, job.user_id, job.cost) == (1, ANN, 1)


async def test_buttons_of_a_retry_of_a_retry_work_and_so_do_the_first_ones(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat)
        await press(chat, first, "Again")
        second = await next_picture(chat, 2)
        await press(chat, second, "Again")
        third = await next_picture(chat, 3)
        assert third.reply_to_message_id == second.message_id
        assert labels(third) == labels(first)
        await press(chat, third, "Vary")
        await next_picture(chat, 4)


async def test_buttons_work_after_a_restart(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        async with flow(tmp_path, provider(), playground=playground) as chat:
            first = await drawn(chat)
        async with flow(tmp_path, provider(), playground=playground) as later:
            assert (await press(later, first, "Vary")).text
            await next_picture(later)
            assert (await press(later, first, "File")).text
            await later.see(lambda m: m.document is not None)


async def test_the_model_stays_while_there_is_one(tmp_path: Path) -> None:
    other = replace(OFFER, model="other")
    async with Playground.start() as playground:
        async with flow(tmp_path, provider(offers=(OFFER, other)), playground=playground) as chat:
            first = await drawn(chat, "/imagine a fox --model other")
            await press(chat, first, "Again")
            await next_picture(chat)
            assert (job := await chat.job(2)) is not None and job.model == "other"
        async with flow(tmp_path, provider(), playground=playground) as later:
            await press(later, first, "Again")
            await next_picture(later, 3)
            assert (job := await later.job(3)) is not None and job.model == "fake-model"


async def test_given_pictures_are_given_again(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        (sent,) = await chat.send_photo(encoded(photo()))
        mask = encoded(painted(photo()))
        await chat.send_photo(mask, caption="/imagine a fox --mask", reply_to=sent.message_id)
        await chat.delivered(1)
        first = await chat.see_picture()
        await press(chat, first, "Style")
        await press(chat, first, "Neon")
        await next_picture(chat)
        before, after = chat.provider.requests
        assert after.mode is Mode.INPAINTING
        assert (after.init_images, after.mask_image) == (before.init_images, before.mask_image)


# Vary and HD.


async def test_vary_starts_from_the_picture(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat)
        assert "variation" in (await press(chat, first, "Vary")).text
        second = await next_picture(chat)
        before, after = chat.provider.requests
        assert after.mode is Mode.IMAGE_TO_IMAGE and after.strength == pytest.approx(0.55)
        assert (after.width, after.height) == (before.width, before.height)
        assert decoded(after.init_images[0].data).size == (341, 192)  # as delivered
        assert "a variation of this picture" in second.words


async def test_without_an_offer_for_pictures_vary_weighs_the_words_otherwise(
    tmp_path: Path,
) -> None:
    async with flow(tmp_path, provider(offers=(FAKE_OFFER,))) as chat:
        first = await drawn(chat)
        await press(chat, first, "Vary")
        await next_picture(chat)
        before, after = chat.provider.requests
        assert after.seed == before.seed
        assert after.guidance_scale != before.guidance_scale


async def test_hd_draws_it_larger(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat, "/imagine a fox --ar 1:1")
        await press(chat, first, "HD")
        second = await next_picture(chat)
        before, after = chat.provider.requests
        assert (before.width, after.width, after.height) == (256, 1024, 1024)
        assert decoded(after.init_images[0].data).size == (1024, 1024)
        assert after.strength == pytest.approx(0.3)
        assert "Note" not in second.words and "larger than this picture" in second.words
        assert "HD" not in labels(second)


# Ratio and style.


async def test_a_ratio_is_chosen_in_place_and_the_buttons_come_back(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat, "/imagine a fox --ar 1:1")
        await press(chat, first, "Ratio")
        await chat.see(lambda m: "✓ 1:1" in labels(m))
        await press(chat, first, "Back")
        await chat.see(lambda m: "Again" in labels(m))
        await press(chat, first, "Ratio")
        await chat.see(lambda m: "16:9" in labels(m))
        await press(chat, first, "16:9")
        second = await next_picture(chat)
        before, after = chat.provider.requests
        assert after.width > after.height and after.seed == before.seed
        assert "16:9" in second.words and "another shape of this picture" in second.words
        await chat.playground.wait_until(lambda: "Again" in labels(shown(chat, first)))


async def test_a_style_is_chosen_by_its_name(tmp_path: Path) -> None:
    many = frozenset(f"Look {number}" for number in range(20))
    async with flow(tmp_path, provider(offers=(replace(OFFER, native_styles=many),))) as chat:
        first = await drawn(chat)
        await press(chat, first, "Style")
        await chat.see(lambda m: "Pixel art" in labels(m) and "→" in labels(m))
        await press(chat, first, "→")
        await chat.see(lambda m: "Look 9" in labels(m) and "←" in labels(m))
        await press(chat, first, "Look 9")
        second = await next_picture(chat)
        assert chat.provider.requests[1].style == "Look 9"
        assert "another style of this picture" in second.words
        gone = StylePressed(job_id=1, number=0, style=short_name("no such")).pack()
        answer = await forged(chat, first, gone)
        assert answer["show_alert"] and "That style isn't there" in answer["text"]


# Edit prompt.


async def test_new_words_come_as_a_reply_to_a_question(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        async with flow(tmp_path, provider(), playground=playground) as chat:
            first = await drawn(chat, "/imagine a <fox> --style anime --ar 16:9 --no people")
            await press(chat, first, "Edit prompt")
            question = await chat.see_text("reply to this message")
            assert "a <fox>" in question.words
            assert question.reply_markup is not None and question.reply_markup["force_reply"]
            assert question.reply_markup["selective"]
        async with flow(tmp_path, provider(), playground=playground) as later:
            await later.say("a wolf --ar 2:3 --bogus 1", reply_to=question.message_id)
            await later.see_text("I don't know --bogus")
            answer = await later.say("a wolf --ar 2:3", reply_to=question.message_id)
            second = await next_picture(later)
            (request,) = later.provider.requests
            assert request.prompt.startswith("a wolf") and request.negative_prompt == "people"
            assert request.width * 3 == request.height * 2
            assert second.reply_to_message_id == answer.message_id
            assert "anime" in second.words and "new words for “a <fox>”" in second.words
            await later.say("a bear", reply_to=question.message_id)  # answered once more
            assert "a bear" in (await next_picture(later, 3)).words


async def test_only_who_was_asked_answers_the_question(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.turn_on()
        first = await drawn(chat, user=BORIS, chat=GROUP)
        await press(chat, first, "Edit prompt", BORIS)
        question = await chat.see_text("reply to this message", chat=GROUP)
        assert question.words.startswith("Boris")
        await noted(chat, question)
        await chat.say("a cat", user=CHEN, chat=GROUP, reply_to=question.message_id)
        await chat.say("a wolf", user=BORIS, chat=GROUP, reply_to=question.message_id)
        await next_picture(chat, 2, GROUP)
        assert [request.prompt for request in chat.provider.requests] == ["a fox", "a wolf"]


# File, prompt, delete.


async def test_the_file_is_the_original_and_costs_nothing(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat)
        await press(chat, first, "File")
        sent = await chat.see(lambda m: m.document is not None)
        assert sent.document is not None and sent.document.media_type == "image/png"
        assert sent.reply_to_message_id == first.message_id
        assert "already" in (await press(chat, first, "File")).text
        await chat.say("/quota")
        await chat.see_text("19 units")
        assert len([m for m in chat.bot_messages() if m.document]) == 1


async def test_a_prompt_too_long_to_copy_is_sent(tmp_path: Path) -> None:
    prompt = "a <fox> " + "and a fox " * 30
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat, f"/imagine {prompt}")
        await press(chat, first, "Copy prompt")
        await chat.see(lambda m: m.text == prompt.strip())


async def test_delete_asks_first_and_then_deletes_it_all(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat)
        await press(chat, first, "Delete")
        asking = await chat.see(lambda m: labels(m) == ["Delete? Yes", "No"])
        await press(chat, asking, "No")
        await chat.see(lambda m: "Again" in labels(m))
        await press(chat, first, "Delete")
        await chat.see(lambda m: labels(m) == ["Delete? Yes", "No"])
        assert "stays spent" in (await press(chat, first, "Delete? Yes")).text
        await chat.playground.wait_until(lambda: not chat.bot_messages())
        assert not [file for file in (tmp_path / "pictures").rglob("*") if file.is_file()]
        await chat.say("/quota")
        await chat.see_text("19 units")


async def test_an_old_message_becomes_an_empty_one(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat)
        now = shown(chat, first)
        now.date = now.date.replace(year=now.date.year - 1)
        await press(chat, first, "Delete")
        await chat.see(lambda m: "No" in labels(m))
        await press(chat, first, "Delete? Yes")
        emptied = await chat.see_text("This picture was deleted.")
        assert emptied.message_id == first.message_id and not emptied.buttons


async def test_a_picture_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat)
        for file in (tmp_path / "pictures").rglob("*"):
            if file.is_file():
                file.unlink()
        for button in ("File", "Vary", "HD"):
            answer = await press(chat, first, button)
            assert answer.show_alert and "I don't have this picture any more" in answer.text
        await press(chat, first, "Again")
        await next_picture(chat)


# Several pictures in one.


async def test_a_grid_lets_one_choose(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        grid = await drawn(chat, "/imagine a fox --n 3 --seed 5")
        assert labels(grid)[:6] == ["U1", "U2", "U3", "V1", "V2", "V3"]
        await press(chat, grid, "U2")
        alone = await chat.see(lambda m: "HD" in labels(m))
        assert alone.reply_to_message_id == grid.message_id and "seed 6" in alone.words
        assert alone.photo is not None and alone.photo.width == 256
        assert "already" in (await press(chat, grid, "U2")).text
        await press(chat, grid, "V3")
        varied = await next_picture(chat)
        assert "a variation of picture 3" in varied.words
        assert chat.provider.requests[-1].num_images == 1
        await press(chat, alone, "Again")
        await next_picture(chat, 3)
        assert chat.provider.requests[-1].num_images == 1
        await press(chat, grid, "File")
        await chat.playground.wait_until(
            lambda: len([m for m in chat.bot_messages() if m.document]) == 3
        )
        await chat.say("/quota")
        await chat.see_text("15 units")


async def test_deleting_one_of_several_leaves_the_others(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        grid = await drawn(chat, "/imagine a fox --n 2")
        await press(chat, grid, "U1")
        alone = await chat.see(lambda m: "HD" in labels(m))
        await press(chat, alone, "Delete")
        await chat.see(lambda m: "No" in labels(m))
        await press(chat, alone, "Delete? Yes")
        await chat.playground.wait_until(lambda: len(chat.bot_messages()) == 1)
        await press(chat, grid, "U2")
        await chat.see(lambda m: "HD" in labels(m))


# Who may.


@pytest.mark.parametrize(("user", "allowed"), [(BORIS, True), (ANN, True), (CHEN, False)])
async def test_the_author_and_the_admins_may_draw_and_pay(
    tmp_path: Path, user: int, allowed: bool
) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.turn_on()
        first = await drawn(chat, user=BORIS, chat=GROUP)
        answer = await press(chat, first, "Again", user)
        assert answer.show_alert is not allowed
        if allowed:
            await next_picture(chat, 2, GROUP)
            assert (job := await chat.job(2)) is not None and job.user_id == user
        else:
            assert "Only the person who asked" in answer.text
        for button in ("File",):
            assert not (await press(chat, first, button, CHEN)).show_alert


async def test_every_answer_stays_in_the_topic(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        chat.playground.add_group(FORUM, "Forum", {ANN: "creator"}, is_forum=True)
        await chat.turn_on(FORUM)
        topic = await chat.playground.add_topic(FORUM, "Foxes", by=ANN)
        first = await drawn(chat, chat=FORUM, thread_id=topic)
        before = len(chat.playground.calls)
        for button in ("Again", "File", "Edit prompt"):
            await press(chat, first, button)
        await next_picture(chat, 2, FORUM)
        await chat.see_text("reply to this message", chat=FORUM)
        await chat.see(lambda m: m.document is not None, chat=FORUM)
        sent = [c for c in chat.playground.calls[before:] if c.method.startswith("send")]
        assert {c.params.get("message_thread_id") for c in sent} == {topic}


async def test_data_of_another_chat_is_refused(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.turn_on()
        await drawn(chat, "/imagine a secret", user=BORIS)
        await chat.say("/imagine a fox", user=ANN, chat=GROUP)
        await chat.delivered(2)
        mine = await chat.see_picture(chat=GROUP)
        for action in Action:
            answer = await forged(chat, mine, data_of(action))
            assert answer["show_alert"] and "Only the person" in answer["text"]
        shape = RatioPressed(job_id=1, number=0, width=1, height=1).pack()
        assert (await forged(chat, mine, shape))["show_alert"]
        for nonsense in ("r:again:99", "r:hd:1:7", "r:fly:1:0", "rs:1:0:", "\x00", "r"):
            assert (await forged(chat, mine, nonsense))["show_alert"]
        assert "any more" in (await forged(chat, mine, data_of(Action.AGAIN, 77)))["text"]
        assert len(chat.provider.requests) == 2


async def test_a_job_that_is_not_over_has_nothing_to_go_on_from(tmp_path: Path) -> None:
    async with flow(tmp_path, provider(hang())) as chat:
        await chat.say("/imagine a fox")
        status = await chat.see_text(" %")
        answer = await forged(chat, status, data_of(Action.DELETE_NOW))
        assert answer["show_alert"] and "isn't finished" in answer["text"]
        await press(chat, status, "Cancel")


async def test_in_a_group_that_is_off_nothing_is_drawn(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.turn_on()
        first = await drawn(chat, chat=GROUP)
        await chat.say("/disable", chat=GROUP)
        await chat.see_text("I'm off", chat=GROUP)
        answer = await press(chat, first, "Again")
        assert answer.show_alert and "/enable" in answer.text
        assert not (await press(chat, first, "File")).show_alert


# Each press answered, once, in time.


async def test_a_press_under_an_inline_result_is_answered(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        await drawn(chat)
        answer = await forged(chat, None, data_of(Action.AGAIN))
        assert answer["show_alert"] and "in a chat with me" in answer["text"]


async def test_a_double_press_draws_once(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat)
        data = data_of(Action.AGAIN)
        answers = [await forged(chat, first, data) for _ in range(2)]
        assert "already" in answers[1]["text"]
        await next_picture(chat)
        assert len(chat.provider.requests) == 2 and await chat.job(3) is None


async def test_a_refusal_is_an_alert_and_the_press_may_come_again(tmp_path: Path) -> None:
    async with flow(tmp_path, provider(), daily_quota=1) as chat:
        first = await drawn(chat)
        for _ in range(2):
            answer = await press(chat, first, "Again")
            assert answer.show_alert and "You have 0 units left" in answer.text
        assert (job := await chat.job(1)) is not None and job.state is JobState.SUCCEEDED
        assert await chat.job(2) is None


async def test_a_slow_press_is_answered_at_once_and_its_refusal_is_said(tmp_path: Path) -> None:
    async with FakeModeration() as service:
        asked = {"moderation_url": service.base_url, "moderation_api_key": KEY}
        async with flow(tmp_path, provider(), daily_quota=1, **asked) as chat:
            first = await drawn(chat)
            go = asyncio.Event()
            service.fault("judge", hang_until(go))
            answer = await press(chat, first, "Again")
            assert answer.text == "On its way…" and not answer.show_alert
            go.set()
            refusal = await chat.see_text("You have 0 units left")
            assert refusal.reply_to_message_id == first.message_id
            assert len(chat.calls("answerCallbackQuery")) == 1


async def test_a_button_under_a_message_out_of_reach_works(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await drawn(chat)
        world = chat.playground.world
        query = world.ask(ANN, world.chats[ANN], first)
        facts = {"id": query.id, "from": wire.user(world.users[ANN]), "chat_instance": "1"}
        far = wire.inaccessible(world.chats[ANN], first.message_id, world)
        world.updates.add("callback_query", facts | {"message": far, "data": data_of(Action.AGAIN)})
        await next_picture(chat)
        assert query.answer is not None
