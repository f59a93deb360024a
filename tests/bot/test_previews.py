"""Pictures on their way in the chat: when they are shown, how often, and that they leave in time."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.playground import Message, Playground, faults
from bot.telegram.pace import (
    GROUP_MEDIA_SPACING,
    GROUP_SPACING,
    PRIVATE_MEDIA_SPACING,
    PRIVATE_SPACING,
)
from providers.errors import GenerationFailed, ProviderError
from providers.testing import Behaviour, FakeProvider, censor_picture
from providers.types import Note, NoteKind
from storage.records import DeliveryState, JobState
from tests.bot.harness import ANN, GROUP, Flow, flow
from tests.bot.pictures_to_send import encoded, photo
from tests.fakes.fast_clock import FastClock

FRAMES = tuple(encoded(photo((64 + number, 64)), "JPEG") for number in range(8))


def drawing(*, seconds: float = 0.0, **more: Any) -> Behaviour:
    """Work that shows a preview with every step."""
    steps = tuple((number + 1) / 10 for number in range(len(FRAMES)))
    return Behaviour(seconds=seconds, progress=steps, previews=FRAMES, **more)


def previewing(tmp_path: Path, *script: Behaviour, **settings: Any) -> Any:
    clock = FastClock()
    return flow(tmp_path, FakeProvider(script, clock=clock), clock=clock, **settings)


def shows_preview(message: Message) -> bool:
    return message.photo is not None and bool(message.buttons)


async def see_preview(chat: Flow, chat_id: int = ANN) -> Message:
    return await chat.see(shows_preview, chat=chat_id)


def noted_edits(chat: Flow) -> list[tuple[float, bool]]:
    """From now on: when the bot decided to edit a status, and whether with a picture.

    Noted there and not where the call arrives: a busy machine brings some late and the next not.
    """
    pace, noted = chat.app.board._pace, []
    note = pace.edited

    def edited(chat_id: int, *, media: bool = False) -> None:
        noted.append((pace._monotonic(), media))
        note(chat_id, media=media)

    pace.edited = edited
    return noted


def shortest_pause(moments: list[float]) -> float:
    return min(later - earlier for earlier, later in pairwise(moments))


async def test_the_status_becomes_the_preview_and_then_the_picture(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with previewing(tmp_path, drawing(until=gate)) as chat:
        command = await chat.say("/imagine a fox --seed 7")
        preview = await see_preview(chat)
        assert "a fox" in preview.words and not preview.has_spoiler
        assert preview.buttons[0]["text"] == "Cancel"
        assert preview.photo is not None and preview.photo.width >= 64
        await chat.see_text("80 %")
        gate.set()
        await chat.delivered()
        (message,) = chat.bot_messages()
        assert message.message_id == preview.message_id
        assert "Cancel" not in str(message.buttons)
        assert message.reply_to_message_id == command.message_id
        assert "seed 7" in message.words and message.photo.width == 256


async def test_cancel_works_under_a_preview(tmp_path: Path) -> None:
    async with previewing(tmp_path, drawing(until=asyncio.Event())) as chat:
        await chat.say("/imagine a fox")
        preview = await see_preview(chat)
        await chat.playground.press(ANN, ANN, preview.message_id, "Cancel")
        await chat.see_text("Canceled")
        await chat.delivered()
        (message,) = chat.bot_messages()
        assert message.photo is None


@pytest.mark.parametrize(
    ("chat_id", "spacing", "media_spacing"),
    [
        (ANN, PRIVATE_SPACING, PRIVATE_MEDIA_SPACING),
        (GROUP, GROUP_SPACING, GROUP_MEDIA_SPACING),
    ],
)
async def test_previews_keep_the_pace(
    tmp_path: Path, chat_id: int, spacing: float, media_spacing: float
) -> None:
    gate = asyncio.Event()
    # A preview every 15 s and a step every 3 s: some edits bring a picture, others words.
    work = Behaviour(
        seconds=120,
        progress=tuple((step + 1) / 50 for step in range(40)),
        previews=tuple(None if step % 5 else FRAMES[step // 5] for step in range(40)),
        until=gate,
    )
    async with previewing(tmp_path, work) as chat:
        if chat_id == GROUP:
            await chat.turn_on()
        noted = noted_edits(chat)
        await chat.say("/imagine a fox", chat=chat_id)
        await chat.see_text("80 %", chat=chat_id)
        gate.set()
        await chat.delivered()
        pictures = [moment for moment, media in noted if media]
        assert len(pictures) >= 2
        assert shortest_pause(pictures) >= media_spacing
        assert shortest_pause([moment for moment, _ in noted]) >= spacing
        assert chat.calls("editMessageCaption", chat_id)


ENDS: list[tuple[ProviderError | None, str]] = [
    (censor_picture("nudity").failure, "censored the picture"),
    (GenerationFailed("fake"), "failed on this request"),
]


@pytest.mark.parametrize(("failure", "words"), ENDS, ids=["censored", "failed"])
async def test_no_preview_is_left_where_there_is_no_picture(
    tmp_path: Path, failure: ProviderError, words: str
) -> None:
    gate = asyncio.Event()
    async with previewing(tmp_path, drawing(until=gate, failure=failure)) as chat:
        command = await chat.say("/imagine a fox")
        await see_preview(chat)
        gate.set()
        await chat.see_text(words)
        assert (await chat.delivered()).delivery is DeliveryState.DELIVERED
        (message,) = chat.bot_messages()
        assert message.photo is None and message.reply_to_message_id == command.message_id
        assert "cost you nothing" in message.words


@pytest.mark.parametrize(
    "fault",
    [faults.SERVER_ERROR, faults.BAD_GATEWAY, faults.RESET_BEFORE, faults.RESET_AFTER, faults.flood(3)],
    ids=["500", "502", "before", "after", "429"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["deleteMessage", "editMessageText", "sendMessage"])
async def test_a_censored_preview_goes_whatever_telegram_does(
    tmp_path: Path, method: str, fault: faults.Fault
) -> None:
    gate = asyncio.Event()
    async with previewing(tmp_path, drawing(until=gate, failure=ENDS[0][0])) as chat:
        await chat.say("/imagine a fox")
        await see_preview(chat)
        await chat.see_text("80 %")
        chat.playground.faults.add(method, fault)
        gate.set()
        assert (await chat.delivered()).delivery is DeliveryState.DELIVERED
        assert all(message.photo is None for message in chat.bot_messages())
        assert sum("censored the picture" in message.words for message in chat.bot_messages()) == 1


async def test_a_preview_of_an_earlier_process_goes_as_well(tmp_path: Path) -> None:
    """The new one doesn't know that the status message is a photo."""
    gate = asyncio.Event()
    async with Playground.start() as playground:
        first = FakeProvider([drawing(until=gate)])
        async with flow(tmp_path, first, playground=playground) as chat:
            await chat.say("/imagine a fox")
            await see_preview(chat)
        second = FakeProvider([Behaviour(failure=ENDS[0][0])])
        second.repeatable = True
        async with flow(tmp_path, second, playground=playground) as chat:
            await chat.see_text("censored the picture")
            assert (await chat.delivered()).state is JobState.CENSORED
            assert [message.photo for message in chat.bot_messages()] == [None]


async def test_the_words_go_on_under_a_preview_of_an_earlier_process(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with Playground.start() as playground:
        first = FakeProvider([drawing(until=gate)])
        async with flow(tmp_path, first, playground=playground) as chat:
            await chat.say("/imagine a fox")
            preview = await see_preview(chat)
        second = FakeProvider([Behaviour(progress=(0.95,), until=gate)])
        second.repeatable = True
        async with flow(tmp_path, second, playground=playground) as chat:
            message = await chat.see_text("95 %")
            assert message.message_id == preview.message_id and message.photo is not None
            gate.set()
            await chat.delivered()
            assert len(chat.bot_messages()) == 1


@pytest.mark.parametrize("unchecked", ["deliver", "spoiler", "block"])
async def test_previews_follow_what_the_owner_says_of_unchecked_pictures(
    tmp_path: Path, unchecked: str
) -> None:
    gate = asyncio.Event()
    async with previewing(tmp_path, drawing(until=gate), unchecked_pictures=unchecked) as chat:
        await chat.say("/imagine a fox")
        message = await chat.see_text("80 %")
        if unchecked == "block":
            assert message.photo is None and not chat.calls("editMessageMedia")
        else:
            preview = await see_preview(chat)
            assert preview.has_spoiler is (unchecked == "spoiler")
        gate.set()
        await chat.delivered()


async def test_where_no_photo_may_be_sent_the_words_go_on(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with previewing(tmp_path, drawing(seconds=20, until=gate)) as chat:
        await chat.turn_on()
        refusal = faults.refusal(400, "Bad Request: not enough rights to send photos to the chat")
        chat.playground.faults.add("editMessageMedia", refusal, times=99)
        await chat.say("/imagine a fox", chat=GROUP)
        await chat.see_text("80 %", chat=GROUP)
        assert len(chat.calls("editMessageMedia", GROUP)) == 1
        gate.set()
        await chat.see_text("right to send photos", chat=GROUP)


NOTES = [
    (Note(NoteKind.PROMPT_CUT, "and <b>a castle</b>"), "it never saw “and <b>a castle</b>”"),
    (Note(NoteKind.PROMPT_LANGUAGE), "Try the description in English"),
    (Note(NoteKind.DEMO_MODEL, "dragon"), "doesn't know “dragon”. It knows star, heart"),
    (Note(NoteKind.PICTURE_RESIZED), "fitted to the size this model draws"),
]


@pytest.mark.parametrize(("note", "words"), NOTES, ids=[note.kind for note, _ in NOTES])
async def test_what_a_service_notes_is_told_with_the_picture(
    tmp_path: Path, note: Note, words: str
) -> None:
    async with previewing(tmp_path, Behaviour(notes=(note,))) as chat:
        await chat.say("/imagine a fox")
        assert words in (await chat.see_picture()).words


async def test_all_notes_fit_under_the_longest_prompt(tmp_path: Path) -> None:
    notes = tuple(Note(note.kind, note.text * 50) for note, _ in NOTES)
    async with previewing(tmp_path, Behaviour(notes=notes)) as chat:
        await chat.say("/imagine " + "<" * 1000)
        words = (await chat.see_picture()).words
        assert len(words) <= 1024 and "fitted to the size" in words


async def test_a_note_of_several_parts_is_told_once(tmp_path: Path) -> None:
    note = Note(NoteKind.PROMPT_LANGUAGE)
    async with previewing(tmp_path, *[Behaviour(notes=(note,))] * 4) as chat:
        await chat.say("/imagine a fox --n 4")
        words = (await chat.see_picture()).words
        assert words.count("in English") == 1
