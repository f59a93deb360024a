"""Guest mode: named in a chat it isn't in, the bot says one thing there and turns it into the picture."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.playground import ANN, BORIS, GROUP, Message, faults
from providers.catalog import Range
from providers.testing import FAKE_OFFER, Behaviour, FakeProvider, hang
from providers.types import Mode
from tests.bot.harness import Flow, flow
from tests.fakes.fast_clock import FastClock
from tests.playground.conftest import picture

STORAGE = -1002000000050
OFFER = replace(FAKE_OFFER, modes=frozenset(Mode), strength=Range(0, 1, 0.7))


@asynccontextmanager
async def guest_flow(data_dir: Path, *script: Behaviour, **settings: Any) -> AsyncIterator[Flow]:
    settings = {"storage_chat_id": STORAGE, **settings}
    clock = settings.setdefault("clock", FastClock(8))
    provider = FakeProvider(script, offers=(OFFER,), clock=clock)
    async with flow(data_dir, provider, **settings) as chat:
        chat.playground.add_group(STORAGE, "Storage", {ANN: "creator"})
        await chat.playground.add_bot(STORAGE, by=ANN)
        yield chat


async def said_there(chat: Flow, part: str) -> Message:
    return await chat.see_text(part, chat=GROUP)


async def test_it_draws_where_it_is_named(tmp_path: Path) -> None:
    async with guest_flow(tmp_path) as chat:
        asked = await chat.say("a fox @Imagine_Bot --seed 7", user=BORIS, chat=GROUP)
        message = await chat.see_picture(chat=GROUP)
        assert "a fox" in message.words and "seed 7" in message.words
        assert message.reply_to_message_id == asked.message_id
        assert len(chat.bot_messages(GROUP)) == 1 and len(chat.bot_messages(STORAGE)) == 1
        await chat.say("/quota", user=BORIS)
        await chat.see_text("19 units", chat=BORIS)


async def test_a_picture_it_is_named_under_is_taken_up(tmp_path: Path) -> None:
    async with guest_flow(tmp_path) as chat:
        await chat.send_photo(
            picture(512, 512), caption="@imagine_bot a watercolor", user=BORIS, chat=GROUP
        )
        await chat.see_picture(chat=GROUP)
        (request,) = chat.provider.requests  # type: ignore[attr-defined]  # it is the fake one
        assert len(request.init_images) == 1


async def test_its_name_alone_and_wrong_options_are_answered_in_words(tmp_path: Path) -> None:
    async with guest_flow(tmp_path) as chat:
        await chat.say("@imagine_bot", user=BORIS, chat=GROUP)
        await said_there(chat, "@imagine_bot a fox in the snow")
        await chat.say("@imagine_bot a fox --styel anime", user=BORIS, chat=GROUP)
        await said_there(chat, "--styel")
        assert await chat.job() is None


async def test_a_refusal_takes_the_place_of_what_it_said(tmp_path: Path) -> None:
    async with guest_flow(tmp_path, daily_quota=0) as chat:
        await chat.say("@imagine_bot a fox", user=BORIS, chat=GROUP)
        message = await said_there(chat, "This needs 1 unit")
        assert not message.buttons and len(chat.bot_messages(GROUP)) == 1


async def test_its_job_is_canceled_by_the_one_who_asked(tmp_path: Path) -> None:
    async with guest_flow(tmp_path, hang()) as chat:
        await chat.say("@imagine_bot a fox", user=BORIS, chat=GROUP)
        message = await said_there(chat, " %")
        others = await chat.playground.press(ANN, GROUP, message.message_id, "Cancel")
        assert others is not None and others.show_alert
        own = await chat.playground.press(BORIS, GROUP, message.message_id, "Cancel")
        assert own is not None and not own.show_alert
        await said_there(chat, "Canceled")


async def test_what_it_could_not_say_is_not_drawn(tmp_path: Path) -> None:
    async with guest_flow(tmp_path) as chat:
        chat.playground.faults.add("answerGuestQuery", faults.SERVER_ERROR)
        await chat.say("@imagine_bot a fox", user=BORIS, chat=GROUP)
        await chat.playground.wait_until(lambda: chat.calls("answerGuestQuery"))
        await chat.say("@imagine_bot a wolf", user=BORIS, chat=GROUP)
        message = await chat.see_picture(chat=GROUP)
        assert "a wolf" in message.words and await chat.job(2) is None


async def test_without_a_storage_chat_it_hears_nothing(tmp_path: Path) -> None:
    async with guest_flow(tmp_path, storage_chat_id=None) as chat:
        await chat.say("@imagine_bot a fox", user=BORIS, chat=GROUP)
        await chat.say("/help", user=BORIS)
        await chat.see_text("/quota", chat=BORIS)
        assert "guest_message" not in chat.playground.world.updates.allowed
        assert chat.calls("answerGuestQuery") == []
