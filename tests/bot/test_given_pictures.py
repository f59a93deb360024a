"""/imagine with pictures, from the chat to the engine: what came with it decides what is done."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.playground import Message, Playground, faults
from providers.catalog import Range
from providers.errors import InvalidRequest
from providers.testing import FAKE_OFFER, FakeProvider, fail, hang, refuse
from providers.types import GenerationRequest, Mode
from storage.records import JobState
from tests.bot.harness import ANN, BORIS, GROUP, Flow, flow
from tests.bot.pictures_to_send import AREA, decoded, encoded, painted, photo
from tests.fakes.bad_pictures import huge_png
from tests.fakes.fast_clock import FastClock

OFFER = replace(FAKE_OFFER, modes=frozenset(Mode), strength=Range(0, 1, 0.7))
WORDS_ONLY = replace(FAKE_OFFER, model="words-only")
PHOTO = encoded(photo())
OTHER = encoded(photo((480, 640)))


def provider(*script: object, offers: tuple[object, ...] = (OFFER,)) -> FakeProvider:
    return FakeProvider(script, offers=offers)  # type: ignore[arg-type] - as given


async def drawn(chat: Flow, chat_id: int = ANN) -> GenerationRequest:
    """The one request, once its picture is in the chat."""
    await chat.see_picture(chat=chat_id)
    (request,) = chat.provider.requests
    return request


async def refusal(chat: Flow, words: str, chat_id: int = ANN) -> Message:
    """The one answer: words, no picture, nothing charged, nothing asked of the engine."""
    message = await chat.see_text(words, chat=chat_id)
    assert message.photo is None and chat.provider.requests == []
    assert len(message.words) < 300
    await chat.say("/quota")
    await chat.see_text("20 units")
    return message


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_a_photos_caption_starts_from_the_photo(tmp_path: Path, webhook: bool) -> None:
    async with flow(tmp_path, provider(), webhook=webhook) as chat:
        await chat.send_photo(PHOTO, caption="/imagine a fox --strength 0.3")
        request = await drawn(chat)
        assert request.mode is Mode.IMAGE_TO_IMAGE and request.strength == 0.3
        (given,) = request.init_images
        assert decoded(given.data).size == (640, 480) and decoded(given.data).format == "JPEG"
        assert request.width * 3 == request.height * 4  # the photo's own shape
        assert request.mask_image is None and request.control_image is None


async def test_a_reply_to_a_photo_starts_from_it(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        (sent,) = await chat.send_photo(OTHER)
        await chat.say("/imagine a fox --ar 16:9", reply_to=sent.message_id)
        request = await drawn(chat)
        assert request.mode is Mode.IMAGE_TO_IMAGE
        assert decoded(request.init_images[0].data).size == (480, 640)
        assert request.width > request.height  # as asked


async def test_a_reply_to_the_bots_own_picture_goes_on_from_it(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.say("/imagine a fox")
        first = await chat.see_picture()
        await chat.say("/imagine a wolf", reply_to=first.message_id)
        await chat.see_text("a wolf")
        await chat.delivered(2)
        assert [r.mode for r in chat.provider.requests] == [
            Mode.TEXT_TO_IMAGE,
            Mode.IMAGE_TO_IMAGE,
        ]


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
async def test_a_picture_as_a_file_is_a_picture(tmp_path: Path, file_format: str) -> None:
    async with flow(tmp_path, provider()) as chat:
        name = f"picture.{file_format.lower()}"
        data = encoded(photo(), file_format)
        await chat.send_photo(data, caption="/imagine a fox", as_file=True, names=[name])
        assert decoded((await drawn(chat)).init_images[0].data).size == (640, 480)


async def test_a_sideways_photo_is_turned_upright_and_a_huge_one_made_smaller(
    tmp_path: Path,
) -> None:
    picture = photo((4000, 3000))
    exif = picture.getexif()
    exif[0x0112] = 6  # turned by a quarter
    data = encoded(picture, "JPEG", exif=exif)
    async with flow(tmp_path, provider()) as chat:
        await chat.send_photo(data, caption="/imagine a fox", as_file=True, names=["a.jpg"])
        assert decoded((await drawn(chat)).init_images[0].data).size == (1536, 2048)


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_an_album_is_blended(tmp_path: Path, webhook: bool) -> None:
    async with flow(tmp_path, provider(), webhook=webhook) as chat:
        await chat.send_photo(PHOTO, OTHER, caption="/imagine a fox")
        request = await drawn(chat)
        assert request.mode is Mode.BLENDING
        assert [decoded(each.data).size for each in request.init_images] == [(640, 480), (480, 640)]
        assert [each.weight for each in request.init_images] == [0.3333, 0.3333]
        assert len(chat.bot_messages()) == 1


async def test_a_photo_in_reply_to_a_photo_is_blended_with_it(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        (sent,) = await chat.send_photo(OTHER)
        await chat.send_photo(PHOTO, caption="/imagine x --blend 0.5", reply_to=sent.message_id)
        request = await drawn(chat)
        assert request.mode is Mode.BLENDING
        assert [decoded(each.data).size for each in request.init_images] == [(480, 640), (640, 480)]
        assert [each.weight for each in request.init_images] == [0.25, 0.25]


async def test_blend_mixes_one_picture_with_the_words(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.send_photo(PHOTO, caption="/imagine a fox --blend 0.8")
        request = await drawn(chat)
        assert request.mode is Mode.BLENDING
        assert [each.weight for each in request.init_images] == [0.8]


async def test_depth_takes_the_picture_as_its_control(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.send_photo(PHOTO, caption="/imagine --depth a fox")
        request = await drawn(chat)
        assert request.mode is Mode.DEPTH_GUIDED and request.prompt == "a fox"
        assert decoded(request.control_image).size == (640, 480) and not request.init_images


async def test_a_painted_copy_in_reply_repaints_that_part(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        (sent,) = await chat.send_photo(PHOTO)
        mask = encoded(painted(photo()))
        await chat.send_photo(mask, caption="/imagine a fox --mask", reply_to=sent.message_id)
        request = await drawn(chat)
        assert request.mode is Mode.INPAINTING
        assert decoded(request.init_images[0].data).size == (640, 480)
        read = decoded(request.mask_image)
        assert read.mode == "L" and read.size == (640, 480)
        left, top, right, bottom = AREA
        assert read.getpixel(((left + right) // 2, (top + bottom) // 2)) == 255
        assert read.getpixel((20, 20)) == read.getpixel((600, 440)) == 0


async def test_a_transparent_part_is_its_own_mask(tmp_path: Path) -> None:
    picture = photo().convert("RGBA")
    picture.paste((0, 0, 0, 0), AREA)
    async with flow(tmp_path, provider()) as chat:
        await chat.send_photo(encoded(picture), caption="/imagine a fox --mask", as_file=True)
        request = await drawn(chat)
        assert request.mode is Mode.INPAINTING
        assert decoded(request.mask_image).getpixel((300, 200)) == 255


async def test_the_command_alone_still_draws_from_words(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        said = await chat.say("what do you think?")
        await chat.say("/imagine a fox", reply_to=said.message_id)
        assert (await drawn(chat)).mode is Mode.TEXT_TO_IMAGE


async def test_in_a_group_the_photo_with_the_command_is_enough(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.turn_on()
        (sent,) = await chat.send_photo(OTHER, user=BORIS, chat=GROUP)
        await chat.say("/imagine a fox", user=ANN, chat=GROUP, reply_to=sent.message_id)
        request = await drawn(chat, GROUP)
        assert decoded(request.init_images[0].data).size == (480, 640)


@pytest.mark.parametrize("is_admin", [False, True])
async def test_of_an_album_in_a_group_what_the_bot_sees_counts(
    tmp_path: Path, is_admin: bool
) -> None:
    """Privacy mode hides what doesn't address the bot, so of an album it may get one picture."""
    async with flow(tmp_path, provider()) as chat:
        await chat.turn_on()
        if is_admin:
            await chat.playground.add_bot(GROUP, by=ANN, status="administrator")
        await chat.send_photo(PHOTO, OTHER, caption="/imagine a fox", chat=GROUP)
        request = await drawn(chat, GROUP)
        assert request.mode is (Mode.BLENDING if is_admin else Mode.IMAGE_TO_IMAGE)
        words = (await chat.see_picture(chat=GROUP)).words
        assert ("Only one picture of your album reached me." in words) is not is_admin


async def test_an_offer_that_can_not_is_skipped(tmp_path: Path) -> None:
    both = provider(offers=(WORDS_ONLY, OFFER))
    async with flow(tmp_path, both, default_model="words-only") as chat:
        await chat.send_photo(PHOTO, caption="/imagine a fox")
        await drawn(chat)
        assert (job := await chat.job()) is not None and job.model == "fake-model"


@pytest.mark.parametrize(
    ("offers", "command", "words"),
    [
        ((WORDS_ONLY,), "/imagine a fox", "None of my models can start from a picture"),
        ((WORDS_ONLY,), "/imagine a fox --depth", "None of my models can follow a picture's depth"),
        (
            (WORDS_ONLY, OFFER),
            "/imagine a fox --model words-only",
            "choose one that can: fake-model",
        ),
        ((OFFER,), "/imagine a fox --mask", "I have a picture but no mask."),
        ((OFFER,), "/imagine a fox --mask --depth", "--mask and --depth can't be combined"),
        ((OFFER,), "/imagine", "Tell me what to draw"),
        ((OFFER,), "/imagine a fox --blend 2", "--blend can't be 2. Use 0 to 1."),
    ],
)
async def test_what_can_not_be_done_with_a_picture_is_told(
    tmp_path: Path, offers: tuple[object, ...], command: str, words: str
) -> None:
    async with flow(tmp_path, provider(offers=offers)) as chat:
        await chat.send_photo(PHOTO, caption=command)
        await refusal(chat, words)


@pytest.mark.parametrize("option", ["--mask", "--depth", "--blend 0.5"])
async def test_an_option_without_its_picture_is_refused(tmp_path: Path, option: str) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.say(f"/imagine a fox {option}")
        await refusal(chat, f"{option.split(maxsplit=1)[0]} needs")


async def test_an_album_of_too_many_is_refused_once(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        await chat.send_photo(*[PHOTO] * 5, caption="/imagine a fox")
        await refusal(chat, "I can blend up to 4 pictures")
        assert len(chat.bot_messages()) == 2  # with the one to /quota


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (encoded(photo()), "Your mask has nothing painted."),
        (encoded(photo().point(lambda value: 0)), "Your mask has nothing painted."),
        (OTHER, "Your mask doesn't match your picture."),
    ],
    ids=["unpainted", "black", "another"],
)
async def test_a_mask_that_says_nothing_is_refused(tmp_path: Path, mask: bytes, words: str) -> None:
    async with flow(tmp_path, provider()) as chat:
        (sent,) = await chat.send_photo(PHOTO)
        await chat.send_photo(mask, caption="/imagine x --mask", reply_to=sent.message_id)
        await refusal(chat, words)


BAD_FILES = {
    "empty": (bytes, "x.png", "not a kind of picture"),
    "text": (lambda: b"hello, I am a picture", "x.png", "not a kind of picture"),
    "html": (lambda: b"<html><h1>It works!</h1></html>", "x.jpg", "not a kind of picture"),
    "gif": (lambda: encoded(photo(), "GIF"), "x.gif", "not a kind of picture"),
    "tiff as png": (lambda: encoded(photo(), "TIFF"), "x.png", "not a kind of picture"),
    "cut short": (lambda: PHOTO[: len(PHOTO) // 2], "x.png", "damaged or cut short"),
    "cut short jpeg": (lambda: encoded(photo(), "JPEG")[:2000], "x.jpg", "damaged or cut short"),
    "bomb": (lambda: huge_png(20_000), "x.png", "too many pixels"),
    "a line": (lambda: encoded(photo((400, 25))), "x.png", "too small or too narrow"),
    "a dot": (lambda: encoded(photo((1, 1))), "x.png", "too small or too narrow"),
    "21 MB": (lambda: b"\x89PNG" + bytes(21 * 1024 * 1024), "x.png", "larger than the 20 MB"),
}
"""Made by the test that sends them, not by every process that collects it."""


@pytest.mark.parametrize(("make", "name", "words"), BAD_FILES.values(), ids=BAD_FILES)
async def test_a_file_that_is_no_use_is_refused_in_words(
    tmp_path: Path, make: Callable[[], bytes], name: str, words: str
) -> None:
    data = make()
    async with flow(tmp_path, provider()) as chat:
        await chat.send_photo(data, caption="/imagine a fox", as_file=True, names=[name])
        await refusal(chat, words)
        await chat.send_photo(PHOTO, caption="/imagine a wolf")
        await chat.see_picture()


async def test_a_file_telegram_no_longer_has_is_asked_for_again(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        (sent,) = await chat.send_photo(PHOTO)
        chat.playground.world.files.clear()
        await chat.say("/imagine a fox", reply_to=sent.message_id)
        await refusal(chat, "Your picture is no longer kept by Telegram.")


async def test_the_second_of_two_bad_pictures_is_named(tmp_path: Path) -> None:
    cut = encoded(photo(), "JPEG")[:2000]
    async with flow(tmp_path, provider()) as chat:
        names = ["a.jpg", "b.jpg"]
        await chat.send_photo(
            encoded(photo(), "JPEG"), cut, caption="/imagine x", as_file=True, names=names
        )
        await refusal(chat, "Your picture number 2 is damaged")


async def test_a_picture_that_takes_long_holds_up_no_other_chat(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        gate = asyncio.Event()
        chat.playground.faults.add("getFile", faults.held(gate))
        await chat.send_photo(PHOTO, caption="/imagine a slow fox")
        await chat.playground.wait_until(lambda: chat.calls("getFile"))
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_picture(chat=BORIS)
        assert not chat.bot_messages()
        gate.set()
        await chat.see_picture()


async def test_a_passing_fault_while_fetching_is_tried_again(tmp_path: Path) -> None:
    clock = FastClock()
    async with flow(tmp_path, FakeProvider(offers=(OFFER,), clock=clock), clock=clock) as chat:
        chat.playground.faults.add("getFile", faults.SERVER_ERROR)
        chat.playground.faults.add("getFile", faults.RESET_BEFORE)
        await chat.send_photo(PHOTO, caption="/imagine a fox")
        await drawn(chat)
        assert len(chat.calls("getFile")) == 3


async def test_what_can_not_be_fetched_is_told_and_costs_nothing(tmp_path: Path) -> None:
    async with flow(tmp_path, provider(), clock=FastClock()) as chat:
        chat.playground.faults.add("getFile", faults.SERVER_ERROR, times=99)
        await chat.send_photo(PHOTO, caption="/imagine a fox")
        await refusal(chat, "Your picture couldn't be fetched from Telegram.")


async def test_a_repeated_update_is_the_same_job_and_fetches_nothing(tmp_path: Path) -> None:
    async with flow(tmp_path, provider()) as chat:
        (sent,) = await chat.send_photo(PHOTO, caption="/imagine a fox")
        await chat.see_picture()
        before = len(chat.calls("getFile"))
        people = chat.playground
        people._tell("message", people._chat(ANN), people._chat(ANN).messages[sent.message_id])
        await chat.say("/quota")
        await chat.see_text("19 units")
        assert len(chat.calls("getFile")) == before and len(chat.provider.requests) == 1


async def test_fetching_counts_against_the_requests_a_minute(tmp_path: Path) -> None:
    async with flow(tmp_path, provider(), max_requests_per_minute=1) as chat:
        for number in range(4):  # a minute may turn between them, but not three
            await chat.send_photo(PHOTO, caption=f"/imagine fox {number}")

        def drawn() -> int:
            return sum(m.photo is not None for m in chat.bot_messages())

        await chat.say("/styles")  # answered when all of them were
        await chat.see_text("--style anime")
        notices = sum("a lot at once" in m.words for m in chat.bot_messages())
        assert 1 <= notices <= 2  # told once a minute
        fetched = len(chat.calls("getFile"))
        assert 1 <= fetched <= 2
        await chat.playground.wait_until(lambda: drawn() == fetched)


async def test_a_job_made_again_after_a_stop_finds_its_pictures(tmp_path: Path) -> None:
    first, second = provider(hang()), provider()
    second.repeatable = True  # what it was asked before is unknown there, and made anew
    async with Playground.start() as playground:
        async with flow(tmp_path, first, playground=playground) as chat:
            (sent,) = await chat.send_photo(PHOTO)
            mask = encoded(painted(photo()))
            await chat.send_photo(mask, caption="/imagine a fox --mask", reply_to=sent.message_id)
            await chat.see_text(" %")
        async with flow(tmp_path, second, playground=playground) as again:
            await again.delivered()
    assert second.requests == first.requests


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InvalidRequest("fake", "secret", ("mask_image",)), "The mask can't be used"),
        (InvalidRequest("fake", "secret", ("init_image",)), "can't use the picture you gave"),
        (InvalidRequest("fake", "secret", ("control_image",)), "can't read depth"),
        (InvalidRequest("fake", "secret", ("num_inference_steps",)), "didn't take this request"),
        (InvalidRequest("fake", "secret"), "didn't take this request"),
    ],
)
@pytest.mark.parametrize("when", ["submit", "wait"])
async def test_what_an_engine_refuses_names_the_picture_at_fault(
    tmp_path: Path, error: InvalidRequest, words: str, when: str
) -> None:
    behaviour, clock = refuse(error) if when == "submit" else fail(error), FastClock()
    engine = FakeProvider([behaviour], offers=(OFFER,), clock=clock)
    async with flow(tmp_path, engine, clock=clock) as chat:
        await chat.send_photo(PHOTO, caption="/imagine a fox")
        message = await chat.see_text(words)
        assert "cost you nothing" in message.words and "secret" not in message.words
        await chat.say("/quota")
        await chat.see_text("20 units")


async def test_a_given_picture_lost_on_disk_ends_in_words(tmp_path: Path) -> None:
    async with flow(tmp_path, provider(hang()), max_running_per_user=1) as chat:
        await chat.say("/imagine a wolf")
        await chat.see_text(" %")
        await chat.send_photo(PHOTO, caption="/imagine a fox")
        await chat.see_text("next in line")
        for file in (tmp_path / "pictures").rglob("*"):
            if file.is_file():
                file.unlink()
        first = chat.bot_messages()[0]
        await chat.playground.press(ANN, ANN, first.message_id, "Cancel")
        await chat.see_text("The picture you gave was lost on my side.")
        assert (job := await chat.job(2)) is not None and job.state is JobState.FAILED
