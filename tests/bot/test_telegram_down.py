"""Telegram is away for ten minutes: jobs go on, and each outcome comes when it is back, once."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.playground import faults
from bot.playground.faults import Fault
from providers.testing import FakeProvider, hang
from storage.records import DeliveryState, JobState
from tests.bot.harness import ANN, BORIS, CHEN, Flow, flow
from tests.fakes.fast_clock import FastClock

TEN_MINUTES = 600.0
USERS = (ANN, BORIS, CHEN)
FEW_LINES = 60
"""In ten minutes: some twenty failed polls, and a few words about each outcome that waits."""


def pictures(chat: Flow) -> list[int]:
    return [sum(m.photo is not None for m in chat.bot_messages(user)) for user in USERS]


@pytest.mark.parametrize(
    "fault", [faults.RESET_BEFORE, faults.BAD_GATEWAY], ids=["no connection", "502"]
)
async def test_outcomes_wait_until_telegram_is_back(tmp_path: Path, fault: Fault) -> None:
    clock, gate = FastClock(300), asyncio.Event()
    provider = FakeProvider([hang(gate)] * len(USERS), clock=clock)
    async with flow(tmp_path, provider, clock=clock) as chat:
        for user in USERS:
            await chat.say("/imagine a fox", user=user)
            await chat.see_text("%", chat=user)
        with capture_logs() as lines:
            chat.playground.faults.add("*", fault, times=10**6)
            gate.set()
            await clock.sleep(TEN_MINUTES / 2)
            await chat.say("/imagine a bear")
            await clock.sleep(TEN_MINUTES / 2)
        for number in range(1, len(USERS) + 1):
            job = await chat.job(number)
            assert job is not None and job.state is JobState.SUCCEEDED
            assert job.delivery is DeliveryState.PENDING
        assert pictures(chat) == [0, 0, 0]
        assert len(lines) <= FEW_LINES
        assert not [line for line in lines if line["log_level"] == "error"]
        chat.playground.faults.clear()
        for number in range(1, len(USERS) + 2):
            assert (await chat.delivered(number)).delivery is DeliveryState.DELIVERED
        assert pictures(chat) == [2, 1, 1]
        assert [len(chat.bot_messages(user)) for user in USERS] == [2, 1, 1]
