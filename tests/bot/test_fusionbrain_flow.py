"""From the chat to FusionBrain and back: what gives one picture a call, and each only once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from providers.clock import SystemClock
from providers.fusionbrain import FusionBrainProvider
from providers.http import HttpClient
from storage.records import JobState
from tests.bot.harness import Flow, flow
from tests.fakes.fusionbrain import KEYS, FakeFusionBrain, Plan


@pytest.fixture
async def service() -> AsyncIterator[FakeFusionBrain]:
    async with FakeFusionBrain() as service:
        yield service
        assert service.overlaps == 0


@pytest.fixture
async def chat(tmp_path: Path, service: FakeFusionBrain) -> AsyncIterator[Flow]:
    clock = SystemClock()
    provider = FusionBrainProvider(
        *KEYS,
        base_url=service.base_url,
        styles_url=service.styles_url,
        http=HttpClient(clock),
        clock=clock,
    )
    async with flow(tmp_path, provider) as chat:
        yield chat
    await provider.aclose()


async def left(chat: Flow) -> int:
    """Units the user has, of 20 a day."""
    await chat.say("/quota")
    words = (await chat.see_text("units left")).words.split()
    return int(words[words.index("units") - 1])


async def test_two_pictures_are_two_submissions(chat: Flow, service: FakeFusionBrain) -> None:
    await chat.say("/imagine a fox --n 2 --style anime --ar 16:9 --no rain")
    job = await chat.delivered()
    assert job.state is JobState.SUCCEEDED
    assert await left(chat) == 18
    assert await chat.see_picture()
    wished = {
        "type": "GENERATE",
        "width": 1024,
        "height": 576,
        "numImages": 1,
        "style": "ANIME",
        "negativePromptDecoder": "rain",
        "generateParams": {"query": "a fox"},
    }
    assert [run.params for run in service.made] == [wished, wished]


async def test_a_censored_one_of_two_costs_nothing(chat: Flow, service: FakeFusionBrain) -> None:
    service.plans.append(Plan(censored="TRUE"))
    await chat.say("/imagine a fox --n 2")
    job = await chat.delivered()
    assert job.state is JobState.SUCCEEDED
    assert await left(chat) == 19
    assert await chat.see_picture()


async def test_all_censored_is_told_as_that(chat: Flow, service: FakeFusionBrain) -> None:
    service.plan = Plan(censored=[True])
    await chat.say("/imagine a fox")
    job = await chat.delivered()
    assert job.state is JobState.CENSORED
    assert await left(chat) == 20
    assert await chat.see_text("FusionBrain censored the picture")
    assert not any(message.photo for message in chat.bot_messages())
