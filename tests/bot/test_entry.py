"""Who may use the bot: lists and links, too much at once, and too much of what is censored."""

import asyncio
import re
from pathlib import Path

import pytest

from bot.usecases.guesses import HOUR, WRONG_AN_HOUR
from providers.testing import Behaviour, FakeProvider, censor_picture, succeed
from storage.records import JobState
from tests.bot.harness import ANN, BORIS, CHEN, GROUP, Flow, flow
from tests.bot.test_people import OWNED_BY_ANN, answer
from tests.fakes.clock import FakeClock
from tests.fakes.fast_clock import FastClock

BLOCKED = "/imagine extreme gore"


async def made_link(chat: Flow, text: str) -> str:
    """What comes after /start when somebody follows the link."""
    told = (await answer(chat, text)).words
    found = re.search(r"\?start=(inv_[A-Za-z0-9_-]{8,60})\b", told)
    assert found is not None and len(found[1]) <= 64
    return found[1]


# Lists and links.


@pytest.mark.parametrize("access", ["list", "invite"])
async def test_where_there_is_a_list_others_are_told_once_and_in_private_alone(
    tmp_path: Path, access: str
) -> None:
    settings = {**OWNED_BY_ANN, "access": access, "allowed_users": frozenset({CHEN})}
    async with flow(tmp_path, **settings) as chat:
        told = (await answer(chat, "/imagine a fox", user=BORIS)).words
        assert "not open to everyone" in told and str(BORIS) in told
        await chat.turn_on()
        for text in ("/imagine a fox", "/help"):
            await chat.say(text, user=BORIS, chat=GROUP)
            await chat.say(text, user=BORIS)
        for user in (ANN, CHEN):
            await chat.say("/imagine a bear", user=user)
            await chat.see_picture(chat=user)
        assert len(chat.bot_messages(BORIS)) == 1 and len(chat.bot_messages(GROUP)) == 1
        assert "may use the bot" in (await answer(chat, "/allow @boris")).words
        await chat.say("/imagine a fox", user=BORIS)
        await chat.see_picture(chat=BORIS)
        assert "off the list" in (await answer(chat, "/disallow @boris")).words
        await chat.say("/imagine a fox", user=BORIS)
        await answer(chat, "/help")
        assert len(chat.provider.requests) == 3


async def test_a_group_on_the_list_lets_all_its_members_in(tmp_path: Path) -> None:
    async with flow(tmp_path, access="list", **OWNED_BY_ANN) as chat:
        await answer(chat, "/start")
        await chat.turn_on()
        assert str(GROUP) in (await answer(chat, "/allow", chat=GROUP)).words
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see_picture(chat=GROUP)
        assert "not open" in (await answer(chat, "/imagine a fox", user=BORIS)).words


async def test_an_invite_lets_in_and_brings_units_once(tmp_path: Path) -> None:
    async with flow(tmp_path, access="invite", daily_quota=1, **OWNED_BY_ANN) as chat:
        link = await made_link(chat, "/invite 5 2 3d")
        told = (await answer(chat, f"/start {link}", user=BORIS)).words
        assert "Welcome" in told and "5 units" in told
        assert "before" in (await answer(chat, f"/start {link}", user=BORIS)).words
        await chat.say("/imagine a fox --n 4", user=BORIS)
        await chat.see_picture(chat=BORIS)
        assert "2 units extra" in (await answer(chat, f"/user {BORIS}")).words
        assert "for 1 person" in (await answer(chat, "/invites")).words
        assert "Welcome" in (await answer(chat, f"/start {link}", user=CHEN)).words
        assert "No invite link works" in (await answer(chat, "/invites")).words
        assert "came by an invite" in (await answer(chat, f"/audit {BORIS}")).words


async def test_a_link_that_is_revoked_unknown_or_switched_off_lets_nobody_in(
    tmp_path: Path,
) -> None:
    async with flow(tmp_path, access="invite", **OWNED_BY_ANN) as chat:
        link = await made_link(chat, "/invite")
        listed = await answer(chat, "/invites")
        toast = await chat.playground.press(
            ANN, ANN, listed.message_id, listed.buttons[0]["callback_data"]
        )
        assert toast is not None and "doesn't work any more" in toast.text
        await chat.see_text("No invite link works")
        for token in (link, "inv_", "inv_nothing"):
            told = (await answer(chat, f"/start {token}", user=BORIS)).words
            assert "doesn't work any more" in told
        still = await made_link(chat, "/invite")
        assert "Banned" in (await answer(chat, f"/ban {CHEN}")).words
        assert "can't use" in (await answer(chat, f"/start {still}", user=CHEN)).words
        assert "Say how many" in (await answer(chat, "/invite lots")).words
    async with flow(tmp_path, access="list", **OWNED_BY_ANN) as chat:
        assert "ACCESS=invite" in (await answer(chat, "/invite")).words
        assert "not open" in (await answer(chat, f"/start {still}", user=BORIS)).words


async def test_links_cannot_be_tried_for_ever(tmp_path: Path) -> None:
    clock = FakeClock()
    provider = FakeProvider(clock=clock)
    async with flow(tmp_path, provider, clock=clock, access="invite", **OWNED_BY_ANN) as chat:
        link = await made_link(chat, "/invite 0 2")
        for number in range(WRONG_AN_HOUR):
            told = (await answer(chat, f"/start inv_guess{number}", user=BORIS)).words
            assert "doesn't work any more" in told
        told = (await answer(chat, f"/start {link}", user=BORIS)).words
        assert "too many invite links" in told and "60 min" in told
        assert "Welcome" in (await answer(chat, f"/start {link}", user=CHEN)).words
        await clock.advance(HOUR)
        assert "Welcome" in (await answer(chat, f"/start {link}", user=BORIS)).words


# Too much at once.


async def test_too_many_requests_are_told_once_and_make_no_jobs(tmp_path: Path) -> None:
    clock = FastClock(1)  # turns by no means past a minute here
    async with flow(
        tmp_path, FakeProvider(clock=clock), clock=clock, max_requests_per_minute=2
    ) as chat:
        for number in range(7):
            await chat.say(f"/imagine fox {number}")
        await chat.delivered(2)
        await answer(chat, "/quota")
        notices = [m for m in chat.bot_messages() if "a lot at once" in m.words]
        assert len(notices) == 1 and re.search(r"Try again in \d+ s", notices[0].words)
        assert await chat.job(3) is None and len(chat.provider.requests) == 2


# Too much of what is censored.


async def test_strikes_are_told_before_and_when_they_bring_a_pause(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([censor_picture(), succeed()])) as chat:
        assert "2 more censored requests" in (await answer(chat, BLOCKED)).words
        await chat.say("/imagine a fox")
        ended = await chat.see_text("1 more censored request within a day")
        assert "cost you nothing" in ended.words and "10 min" in ended.words
        assert "you can ask again in 10 min" in (await answer(chat, BLOCKED)).words
        refusal = (await answer(chat, "/imagine a fox")).words
        assert "Too many of your requests" in refusal and "10 min" in refusal
        assert "left" in (await answer(chat, "/quota")).words
        assert await chat.job(2) is None


async def test_an_owner_lifts_a_pause_and_is_never_paused(tmp_path: Path) -> None:
    async with flow(tmp_path, strikes_before_pause=1, strike_pause="2h", **OWNED_BY_ANN) as chat:
        assert "2 h 00 min" in (await answer(chat, BLOCKED, user=BORIS)).words
        told = (await answer(chat, "/user @boris")).words
        assert "Strikes: 1" in told and "paused for" in told
        await answer(chat, "/unban @boris")
        await chat.say("/imagine a fox", user=BORIS)
        await chat.see_picture(chat=BORIS)
        assert "ask again" not in (await answer(chat, BLOCKED)).words


async def test_strikes_can_be_turned_off(tmp_path: Path) -> None:
    script = [censor_picture()]
    async with flow(tmp_path, FakeProvider(script), strikes_before_pause=0) as chat:
        for _ in range(4):
            assert "more censored" not in (await answer(chat, BLOCKED)).words
        await chat.say("/imagine a fox")
        job = await chat.delivered()
        assert job.state is JobState.CENSORED and "strike" not in job.reason_data


async def test_what_costs_more_than_one_unit_says_so_while_it_waits(tmp_path: Path) -> None:
    gate = asyncio.Event()
    provider = FakeProvider([Behaviour(until=gate)], max_concurrency=1)
    async with flow(tmp_path, provider) as chat:
        await chat.say("/imagine a bear")
        await chat.job_until(lambda job: job.state is JobState.RUNNING)
        await chat.say("/imagine a fox --n 3")
        await chat.see_text("costs 3 units")
        gate.set()
        await chat.delivered(2)
