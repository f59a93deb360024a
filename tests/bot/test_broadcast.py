"""/broadcast: seen first, sent to everybody once whatever happens on the way, and stopped at a word."""

import asyncio
from pathlib import Path
from typing import Any

from bot.playground import Message, Playground, faults
from storage.records import BroadcastState
from tests.bot.harness import ANN, BORIS, CHEN, GROUP, Flow, flow
from tests.fakes.fast_clock import FastClock

OWNER = frozenset({ANN})
NEWS = "The bot <is> back & faster"


async def meet(chat: Flow, *users: int) -> None:
    """They write to the bot, and are answered."""
    for user in users:
        if user not in chat.playground.world.users:
            chat.playground.add_user(user, f"User {user}")
        await chat.say("/help", user=user)
    for user in users:
        await chat.see_text("Draw", chat=user)


async def ask(chat: Flow, text: str = NEWS) -> Message:
    """The admin writes, and sees it once more with the question below it."""
    news = await chat.say(text)
    await chat.say("/broadcast", reply_to=news.message_id)
    return await chat.see_text("Send this to ")


async def press(chat: Flow, message: Message, button: str) -> str:
    answer = await chat.playground.press(ANN, ANN, message.message_id, button)
    assert answer is not None
    return answer.text


def got(chat: Flow, user: int, text: str = NEWS) -> int:
    return sum(m.words == text for m in chat.bot_messages(user))


async def report(chat: Flow, words: str) -> Message:
    return await chat.see_text(words)


async def test_everybody_gets_it_once_after_a_look(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await chat.turn_on(GROUP)
        await meet(chat, BORIS, CHEN)
        question = await ask(chat)
        assert question.words == "Send this to 2 people?"
        assert got(chat, ANN) == 1 and got(chat, BORIS) == got(chat, CHEN) == 0
        assert await press(chat, question, "Send") == ""
        done = await report(chat, "Sent to everyone")
        assert "2 sent · 0 have blocked the bot · 0 failed" in done.words
        assert done.message_id == question.message_id and not done.buttons
        assert got(chat, BORIS) == got(chat, CHEN) == 1
        assert got(chat, ANN) == 1 and got(chat, GROUP) == 0
        async with chat.app.delivery._storage.reading() as view:
            (line,) = await view.audit.newest(limit=1)
        assert (line.actor_id, line.action, line.details) == (ANN, "broadcast", {"people": 2})


async def test_those_who_blocked_the_bot_are_left_out_until_they_are_back(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await meet(chat, BORIS, CHEN)
        await chat.playground.block(BORIS)
        await meet(chat, 5000)  # handled after the block was
        question = await ask(chat)
        assert question.words == "Send this to 2 people?"
        await chat.playground.unblock(BORIS)
        await meet(chat, 5001)
        question = await ask(chat, "once more")
        assert (await report(chat, "Send this to 4 people?")).words


async def test_one_who_blocked_it_unseen_is_counted_and_not_asked_again(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await meet(chat, BORIS, CHEN)
        question = await ask(chat)
        chat.playground.world.chats[BORIS].members[chat.playground.world.bot.id] = "kicked"
        await press(chat, question, "Send")
        done = await report(chat, "Sent to everyone")
        assert "1 sent · 1 have blocked the bot · 0 failed" in done.words
        await ask(chat, "once more")
        await report(chat, "Send this to 1 person?")


async def test_it_is_dropped_before_it_starts(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await meet(chat, BORIS)
        question = await ask(chat)
        send = next(b["callback_data"] for b in question.buttons if b["text"] == "Send")
        assert await press(chat, question, "Cancel") == ""
        await report(chat, "Not sent yet")
        assert got(chat, BORIS) == 0
        assert send  # the button is gone with the question
        async with chat.app.delivery._storage.transaction() as tx:
            dropped = await tx.broadcasts.get(1)
            assert dropped is not None and dropped.state is BroadcastState.STOPPED
            assert not await tx.broadcasts.start(1, status_message_id=1)


async def many(chat: Flow, count: int) -> list[int]:
    users = list(range(5000, 5000 + count))
    await meet(chat, *users)
    return users


async def test_it_stops_at_a_word(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        users = await many(chat, 40)
        question = await ask(chat)
        await press(chat, question, "Send")
        sending = await report(chat, "Sending…")
        await press(chat, sending, "Stop")
        stopped = await report(chat, "Stopped")
        assert "to go" in stopped.words
        await asyncio.sleep(0.3)  # whatever was on its way has arrived
        reached = sum(got(chat, user) for user in users)
        assert reached < len(users)
        assert max(got(chat, user) for user in users) <= 1


async def test_after_a_restart_it_goes_on_and_nobody_gets_it_twice(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        how: dict[str, Any] = {"playground": playground, "admin_ids": OWNER}
        async with flow(tmp_path, **how) as chat:
            users = await many(chat, 40)
            question = await ask(chat)
            await press(chat, question, "Send")
            await playground.wait_until(lambda: sum(got(chat, user) for user in users) >= 5)
        first = sum(got(chat, user) for user in users)
        assert first < len(users)
        async with flow(tmp_path, **how) as again:
            done = await report(again, "Sent to everyone")
            assert "40 sent · 0 have blocked the bot · 0 failed" in done.words
            assert [got(again, user) for user in users] == [1] * len(users)


async def test_a_429_is_waited_out_and_nobody_is_left_out(tmp_path: Path) -> None:
    clock = FastClock()
    async with flow(tmp_path, clock=clock, admin_ids=OWNER) as chat:
        await meet(chat, BORIS, CHEN)
        question = await ask(chat)
        chat.playground.faults.add("copyMessage", faults.flood(7))
        began = clock.monotonic()
        await press(chat, question, "Send")
        done = await report(chat, "Sent to everyone")
        assert "2 sent" in done.words and clock.monotonic() - began >= 7


async def test_a_deleted_original_ends_it(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await meet(chat, BORIS)
        news = await chat.say(NEWS)
        await chat.say("/broadcast", reply_to=news.message_id)
        question = await chat.see_text("Send this to ")
        await chat.playground.delete_message(ANN, news.message_id)
        await press(chat, question, "Send")
        stopped = await report(chat, "Its original was deleted")
        assert "Stopped" in stopped.words


async def test_how_to_broadcast_is_said_to_admins_and_to_nobody_else(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await chat.say("/broadcast")
        await chat.see_text("Write the message here first")
        await chat.say("/broadcast", user=BORIS)
        await chat.see_text("I draw when a message begins", chat=BORIS)
