"""A reply to the bot's own picture goes on from it, and says so."""

from dataclasses import replace
from pathlib import Path

from bot.playground import Message
from providers.catalog import Range
from providers.testing import FAKE_OFFER, FakeProvider
from providers.types import Mode
from tests.bot.harness import ANN, BORIS, GROUP, Flow, flow
from tests.bot.pictures_to_send import decoded, encoded, photo

OFFER = replace(FAKE_OFFER, modes=frozenset(Mode), strength=Range(0, 1, 0.7))
OTHER = replace(OFFER, model="other")
WORDS_ONLY = replace(FAKE_OFFER, model="words-only")


def provider(*offers: object) -> FakeProvider:
    return FakeProvider(offers=offers or (OFFER, OTHER))


async def first_picture(
    chat: Flow, command: str = "/imagine a fox --ar 16:9", place: int = ANN
) -> Message:
    await chat.say(command, chat=place)
    await chat.delivered(1)
    return await chat.see_picture(chat=place)


async def remixed(chat: Flow, place: int = ANN, job_id: int = 2) -> Message:
    job = await chat.delivered(job_id)
    return await chat.see(lambda m: m.message_id == job.status_message_id, chat=place)


async def test_other_words_keep_style_shape_and_model(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await first_picture(chat, "/imagine a fox --style anime --ar 16:9 --model other")
        command = await chat.say("/imagine a wolf", reply_to=first.message_id)
        second = await remixed(chat)
        before, after = chat.provider.requests
        assert after.mode is Mode.IMAGE_TO_IMAGE and after.prompt.startswith("a wolf")
        assert "anime" in second.words and (after.width, after.height) == (
            before.width,
            before.height,
        )
        assert (job := await chat.job(2)) is not None
        assert job.model == "other" and job.parent_id == 1
        assert "↳ a remix of “a fox”" in second.words
        assert second.reply_to_message_id == command.message_id


async def test_what_is_said_now_counts(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await first_picture(chat, "/imagine a fox --style anime --ar 16:9")
        words = "/imagine a wolf --style neon --ar 1:1 --model other"
        await chat.say(words, reply_to=first.message_id)
        second = await remixed(chat)
        assert "neon" in second.words and "1:1" in second.words and "other" in second.words


async def test_the_original_is_used_and_telegrams_copy_where_it_is_gone(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await first_picture(chat, "/imagine a fox --ar 1:1")
        before = len(chat.calls("getFile"))
        await chat.say("/imagine a wolf", reply_to=first.message_id)
        await remixed(chat)
        assert len(chat.calls("getFile")) == before
        for file in (tmp_path / "pictures").rglob("*"):
            if file.is_file():
                file.unlink()
        await chat.say("/imagine a bear", reply_to=first.message_id)
        await remixed(chat, job_id=3)
        assert len(chat.calls("getFile")) == before + 1


async def test_in_private_words_alone_are_enough(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await first_picture(chat)
        await chat.say("a wolf --seed 5", reply_to=first.message_id)
        assert "seed 5" in (await remixed(chat)).words
        await chat.say("a wolf --bogus 5", reply_to=first.message_id)
        await chat.see_text("I don't know --bogus")


async def test_in_a_group_only_the_command_draws_and_links_to_the_parent(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.turn_on()
        first = await first_picture(chat, place=GROUP)
        await chat.say("how lovely", user=BORIS, chat=GROUP, reply_to=first.message_id)
        await chat.say("/imagine a wolf", user=BORIS, chat=GROUP, reply_to=first.message_id)
        second = await remixed(chat, GROUP)
        assert [request.prompt for request in chat.provider.requests] == ["a fox", "a wolf"]
        links = [each["url"] for each in second.entities if each["type"] == "text_link"]
        assert links == [f"https://t.me/c/{-GROUP - 10**12}/{first.message_id}"]


async def test_without_an_offer_for_pictures_the_seed_is_kept(tmp_path: Path) -> None:
    async with flow(tmp_path, provider(WORDS_ONLY)) as chat:
        first = await first_picture(chat)
        await chat.say("/imagine a wolf", reply_to=first.message_id)
        await remixed(chat)
        before, after = chat.provider.requests
        assert after.mode is Mode.TEXT_TO_IMAGE and after.seed == before.seed


async def test_of_several_pictures_one_is_chosen_first(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        grid = await first_picture(chat, "/imagine a fox --ar 1:1 --n 4")
        await chat.say("/imagine a wolf", reply_to=grid.message_id)
        await chat.see_text("Press U1, U2")
        await chat.playground.press(ANN, ANN, grid.message_id, "U3")
        alone = await chat.see(lambda m: m.photo is not None and m.message_id != grid.message_id)
        await chat.say("/imagine a wolf", reply_to=alone.message_id)
        assert "a remix of “a fox”" in (await remixed(chat)).words
        (init,) = chat.provider.requests[-1].init_images
        assert decoded(init.data).size == (256, 256)


async def test_a_picture_beside_it_is_blended_in(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await first_picture(chat, "/imagine a fox --style anime")
        await chat.send_photo(
            encoded(photo()), caption="/imagine a wolf", reply_to=first.message_id
        )
        second = await remixed(chat)
        assert chat.provider.requests[-1].mode is Mode.BLENDING and "anime" in second.words


async def test_a_mask_over_the_bots_own_picture_repaints_it(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        first = await first_picture(chat, "/imagine a fox --ar 1:1")
        assert first.photo is not None
        mask = decoded(first.photo.content).convert("RGB")
        mask.paste(
            (255, 0, 0) if mask.getpixel((0, 0))[0] < 128 else (0, 0, 255), (60, 60, 200, 200)
        )
        await chat.send_photo(
            encoded(mask), caption="/imagine a hat --mask", reply_to=first.message_id
        )
        await remixed(chat)
        request = chat.provider.requests[-1]
        assert request.mode is Mode.INPAINTING and request.mask_image is not None
