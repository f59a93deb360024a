"""Whatever people type and services send: one clear sentence, no charge, and the bot goes on."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image

from bot.playground import Message
from bot.texts.everyday import READY_SOON
from providers.clock import SystemClock
from providers.http import HttpClient
from providers.replicate import ReplicateProvider
from providers.retries import READING_ATTEMPTS
from providers.testing import FAKE_OFFER, FakeProvider
from tests.bot.harness import Flow, flow
from tests.fakes.faults import Fault, Proceed, answer, cut_short
from tests.fakes.replicate import FakeReplicate, Plan

SMALL_OFFER = replace(FAKE_OFFER, max_prompt_chars=1000)


async def answer_to(chat: Flow, text: str) -> Message:
    """The one message that answers it, in its last form: without Cancel, and more than "soon"."""
    command = await chat.say(text)

    def replies(message: Message) -> bool:
        return message.reply_to_message_id == command.message_id

    await chat.see(
        lambda m: replies(m) and "Cancel" not in str(m.buttons) and READY_SOON not in m.words
    )
    (message,) = filter(replies, chat.bot_messages())
    return message


async def check_alive(chat: Flow, *, spent: int) -> None:
    assert (await answer_to(chat, "/imagine a fox --ar 1:1")).photo is not None
    assert f"{20 - spent - 1} units" in (await answer_to(chat, "/quota")).words


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/imagine a fox --stlye anime", "I don't know --stlye. Did you mean --style?"),
        ("/imagine a fox --xyzzy 3", "I don't know --xyzzy. See /help."),
        ("/imagine a fox --ar 5:1", "--ar can't be 5:1. Use 1:3 to 3:1. Did you mean 3:1?"),
        ("/imagine a fox --ar wide", "--ar can't be wide. Use 1:3 to 3:1."),
        ("/imagine a fox --ar 0:0", "--ar can't be 0:0. Use 1:3 to 3:1."),
        ("/imagine a fox --n 99", "--n can't be 99. Use 1 to 4. Did you mean 4?"),
        ("/imagine a fox --n", "--n needs a value after it. See /help."),
        ('/imagine a fox --no "people', "The quote after --no is never closed."),
        ("/imagine a fox --style <b>", "There is no style <b>."),
        ("/imagine a fox --model <i>x", "There is no model <i>x."),
        ("/imagine " + "x" * 999 + " --style anime", "999 characters, and the model takes"),
        ("/imagine \x00\x01\x02", "Tell me what to draw"),
        ("/imagine \u202e\u200f", "Tell me what to draw"),
        ("/imagine --ar 1:1", "There are options but no description."),
        ("/imagine " + "x" * 1001, "1001 characters, and the model takes 1000."),
        ("/imagine " + "x" * 4087, "4087 characters, and the model takes 1000."),
        ("/imagine " + "<" * 4087, "4087 characters, and the model takes 1000."),
        ("/imagine a fox --seed " + "9" * 4000, "--seed can't be 999"),
        ("/imagine a fox --" + "o" * 4000, "I don't know --ooo"),
    ],
)
async def test_what_can_t_be_read_is_refused_in_one_message(
    tmp_path: Path, command: str, words: str
) -> None:
    provider = FakeProvider(offers=(SMALL_OFFER,))
    async with flow(tmp_path, provider) as chat:
        message = await answer_to(chat, command)
        assert words in message.words and message.photo is None
        assert len(message.words) < 400
        assert provider.requests == []
        await check_alive(chat, spent=0)


@pytest.mark.parametrize(
    ("prompt", "kept"),
    [
        ("a <b>bold</b> & <script>alert(1)</script> fox", None),
        ("&lt;fox&gt; &amp; </b></code>", None),
        ("שועל בשלג", None),
        ("ثعلب في الثلج \u200f!", None),
        ("e\u0301 Z\u0351\u0344a\u0300\u0301\u0302lgo", None),
        ("👩\u200d👩\u200d👧\u200d👦 🦊🏽", None),
        ("a\x00 red\x07 fox\x1b[31m", "a red fox[31m"),
        ("fox \u202egnp.exe", "fox gnp.exe"),
        ("first line\nsecond line", None),
        ("*fox* _in_ [snow](http://example.org) `now`", None),
        ("{job} %s {0} \\n", None),
    ],
)
async def test_odd_text_is_drawn_and_shown_as_it_is(
    tmp_path: Path, prompt: str, kept: str | None
) -> None:
    async with flow(tmp_path) as chat:
        message = await answer_to(chat, f"/imagine {prompt}")
        assert message.photo is not None and message.caption is not None
        assert message.caption.startswith(kept or prompt)
        assert chat.provider.requests[0].prompt == (kept or prompt)
        assert not any(entity["type"] == "text_link" for entity in message.entities)


@pytest.mark.parametrize("text", ["🦊", "<", "&", "e\u0301", "ש"])
async def test_the_longest_prompt_fits_its_messages(tmp_path: Path, text: str) -> None:
    provider = FakeProvider(offers=(SMALL_OFFER,))
    prompt = (text * 1000)[:1000]
    async with flow(tmp_path, provider) as chat:
        message = await answer_to(chat, f"/imagine {prompt} --ar 3:1 --seed 1 --n 4")
        assert message.photo is not None
        assert provider.requests[0].prompt.startswith(prompt)


def bomb() -> bytes:
    """Some kilobytes that unpack to 25 million pixels."""
    file = io.BytesIO()
    Image.new("1", (5000, 5000)).save(file, "PNG")
    return file.getvalue()


def half_a_picture() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(file, "PNG")
    return file.getvalue()[:-500]


NO_PICTURE = "The service sent something that isn't a picture."
HTML = b"<html><h1>It works!</h1></html>"


@asynccontextmanager
async def real_provider(tmp_path: Path) -> AsyncIterator[tuple[Flow, FakeReplicate]]:
    clock = SystemClock()
    async with FakeReplicate(Plan(gets=1)) as service:
        provider = ReplicateProvider(
            service.token, base_url=service.base_url, http=HttpClient(clock), clock=clock
        )
        async with flow(tmp_path, provider) as chat:
            yield chat, service


@pytest.mark.parametrize(
    ("route", "fault", "times", "words"),
    [
        ("picture", answer(200, b"", content_type="image/png"), 1, NO_PICTURE),
        ("picture", answer(200, bomb(), content_type="image/png"), 1, NO_PICTURE),
        ("picture", answer(200, half_a_picture(), content_type="image/png"), READING_ATTEMPTS, NO_PICTURE),
        ("picture", answer(200, HTML), READING_ATTEMPTS, NO_PICTURE),
        ("picture", answer(404), 1, "The picture was lost on its way"),
        ("get", answer(200, b'{"id": "abc", "stat', content_type="application/json"), READING_ATTEMPTS, NO_PICTURE),
        ("get", answer(200, HTML), READING_ATTEMPTS, NO_PICTURE),
        ("get", answer(200, ["no", "object"]), READING_ATTEMPTS, NO_PICTURE),
        ("get", answer(404, {"detail": "Not found"}), 1, "The picture was lost on its way"),
        ("create", answer(422, {"detail": "secret words of the service"}), 1, "didn't take this request"),
        ("create", answer(401, {"detail": "secret words of the service"}), 1, "refused this bot's key"),
    ],
)  # fmt: skip
async def test_what_a_service_sends_ends_in_one_sentence(
    tmp_path: Path, route: str, fault: Fault, times: int, words: str
) -> None:
    """`times`: what may be read again is, and so has to stay wrong for as long."""
    async with real_provider(tmp_path) as (chat, service):
        service.fault(route, fault, times=times)
        message = await answer_to(chat, "/imagine a fox")
        assert words in message.words and "It cost you nothing." in message.words
        assert "secret words" not in message.words and "html" not in message.words
        assert message.photo is None
        assert service.count("create") == 1
        await check_alive(chat, spent=0)


def after(fault: Fault) -> Fault:
    """Accept the request, and then answer as the fault does."""

    async def accepted(request: web.Request, proceed: Proceed) -> web.StreamResponse:
        await proceed()
        return await fault(request, proceed)

    return accepted


@pytest.mark.parametrize(
    "fault",
    [
        after(answer(201, b'{"id": "abc", "stat', content_type="application/json")),
        after(answer(200, HTML)),
        cut_short,
    ],
)
async def test_a_submission_whose_receipt_is_lost_is_found_again(
    tmp_path: Path, fault: Fault
) -> None:
    async with real_provider(tmp_path) as (chat, service):
        service.fault("create", fault)
        assert (await answer_to(chat, "/imagine a fox")).photo is not None
        assert service.count("create") == 1
        await check_alive(chat, spent=1)


@pytest.mark.parametrize("route", ["get", "picture"])
async def test_a_broken_transfer_is_asked_for_again(tmp_path: Path, route: str) -> None:
    async with real_provider(tmp_path) as (chat, service):
        service.fault(route, cut_short)
        assert (await answer_to(chat, "/imagine a fox")).photo is not None
        assert service.count("create") == 1


async def test_a_picture_under_a_wrong_content_type_is_a_picture(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (768, 768)).save(file, "WEBP")
    async with real_provider(tmp_path) as (chat, service):
        service.fault("picture", answer(200, file.getvalue(), content_type="text/html"))
        assert (await answer_to(chat, "/imagine a fox")).photo is not None
        await check_alive(chat, spent=1)
