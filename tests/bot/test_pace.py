"""A group's budget of status calls: how many in a minute, for whom, and that results need none."""

import asyncio
from pathlib import Path

from bot.telegram.pace import GROUP_SPACING, MINUTE, ROOM_FOR_NEW, STATUS_A_MINUTE, Pace
from providers.testing import Behaviour, FakeProvider
from tests.bot.harness import ANN, GROUP, flow
from tests.fakes.clock import FakeClock
from tests.fakes.fast_clock import FastClock


async def edits_for(clock: FakeClock, pace: Pace, seconds: int, chat_id: int = GROUP) -> int:
    """How many edits go out where one is wanted every second."""
    made = 0
    for _ in range(seconds):
        if pace.may_edit(chat_id):
            pace.edited(chat_id)
            made += 1
        await clock.advance(1)
    return made


async def test_edits_leave_a_group_room_for_new_requests() -> None:
    clock = FakeClock()
    pace = Pace(clock.monotonic)
    assert await edits_for(clock, pace, 50) == STATUS_A_MINUTE - ROOM_FOR_NEW
    for _ in range(ROOM_FOR_NEW):
        assert pace.may_send(GROUP)
        pace.sent(GROUP)
    assert not pace.may_send(GROUP)
    assert not pace.closed_for(GROUP), "a result goes out all the same"


async def test_the_budget_is_of_the_last_minute_whenever_that_began() -> None:
    clock = FakeClock()
    pace = Pace(clock.monotonic)
    for _ in range(STATUS_A_MINUTE):
        await clock.advance(1)
        pace.sent(GROUP)
    assert not pace.may_send(GROUP)
    await clock.advance(MINUTE - STATUS_A_MINUTE + 0.5)
    assert not pace.may_send(GROUP)
    await clock.advance(1)
    assert pace.may_send(GROUP)
    pace.sent(GROUP)
    assert not pace.may_send(GROUP), "one came free, not all of them"


async def test_whoever_waits_for_an_edit_is_told_how_long() -> None:
    clock = FakeClock()
    pace = Pace(clock.monotonic)
    for _ in range(STATUS_A_MINUTE - ROOM_FOR_NEW):
        pace.sent(GROUP)
    assert pace.edit_in(GROUP) == MINUTE
    await clock.advance(pace.edit_in(GROUP))
    assert pace.may_edit(GROUP)


async def test_a_private_chat_has_no_budget() -> None:
    clock = FakeClock()
    assert await edits_for(clock, Pace(clock.monotonic), 60, ANN) == 60


async def test_a_flooded_group_sees_its_results_before_its_status(tmp_path: Path) -> None:
    """More requests in a minute than the budget has calls: those left over wait, results don't."""
    asked = STATUS_A_MINUTE + 5
    gate, clock = asyncio.Event(), FastClock(speed=4)
    work = [Behaviour(until=gate, progress=(0.5,)) for _ in range(asked)]
    provider = FakeProvider(work, clock=clock, max_concurrency=asked)
    async with flow(tmp_path, provider, clock=clock, daily_quota=100) as chat:
        await chat.turn_on()
        pace, spent = chat.app.board._pace, []
        note = pace.sent
        pace.sent = lambda chat_id: (spent.append(clock.monotonic()), note(chat_id))[1]
        for number in range(asked):
            user = 5000 + number
            chat.playground.add_user(user, f"User {user}")
            chat.playground.world.chats[GROUP].members[user] = "member"
            await chat.say("/imagine a fox", user=user, chat=GROUP)
        await chat.playground.wait_until(lambda: len(spent) >= STATUS_A_MINUTE)
        opened = clock.monotonic()
        gate.set()
        for job in range(1, asked + 1):
            await chat.delivered(job)
        assert clock.monotonic() - opened < MINUTE, "results waited for the budget"
        assert sum(m.photo is not None for m in chat.bot_messages(GROUP)) == asked
    for number, moment in enumerate(spent[STATUS_A_MINUTE:]):
        assert moment - spent[number] >= MINUTE
    assert spent == sorted(spent) and GROUP_SPACING >= 3
