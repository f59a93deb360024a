"""Refusals in a group are for their asker alone where Telegram allows it, else for all in one message."""

import asyncio
from pathlib import Path

from bot.playground import faults
from bot.telegram.whispers import MOST_A_MINUTE
from tests.bot.harness import ANN, BORIS, CHEN, GROUP, Flow, flow
from tests.bot.test_groups import fast_flow


async def whispered(chat: Flow, user: int, part: str) -> None:
    await chat.playground.wait_until(
        lambda: any(part in m.words for m in chat.playground.whispers(GROUP, user)), 20
    )


async def as_admin(chat: Flow) -> None:
    await chat.turn_on()
    await chat.playground.add_bot(GROUP, by=ANN, status="administrator")


async def test_an_admin_bot_refuses_in_a_whisper(tmp_path: Path) -> None:
    async with fast_flow(tmp_path, daily_quota=0) as chat:
        await as_admin(chat)
        before = len(chat.bot_messages(GROUP))
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.say("/imagine --n 99 a fox", user=CHEN, chat=GROUP)
        await whispered(chat, BORIS, "0 units")
        await whispered(chat, CHEN, "--n")
        assert len(chat.bot_messages(GROUP)) == before


async def test_a_crowd_is_told_in_one_message(tmp_path: Path) -> None:
    """Whispers count like messages to Telegram; pictures come first."""
    async with flow(tmp_path, daily_quota=0) as chat:
        await as_admin(chat)
        for number in range(20):
            chat.playground.add_user(2000 + number, f"Guest{number}")
            chat.playground.world.chats[GROUP].members[2000 + number] = "member"
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(chat.say("/imagine a fox", user=2000 + number, chat=GROUP))
        told = {number for number in range(20) if chat.playground.whispers(GROUP, 2000 + number)}

        def everyone_told() -> bool:
            told.update(n for n in range(20) if chat.playground.whispers(GROUP, 2000 + n))
            aloud = " ".join(m.words for m in chat.bot_messages(GROUP))
            return all(n in told or f"Guest{n}" in aloud for n in range(20))

        await chat.playground.wait_until(everyone_told, 30)
        assert len(told) == MOST_A_MINUTE
        assert len(chat.bot_messages(GROUP)) <= 1 + 2  # with the answer to /enable


async def test_refused_by_telegram_it_is_said_to_all(tmp_path: Path) -> None:
    async with fast_flow(tmp_path, daily_quota=0) as chat:
        await as_admin(chat)
        chat.playground.faults.add("sendMessage", faults.refusal(400, "Bad Request: EPHEMERAL"))
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see_text("Boris", chat=GROUP)
        calls = len(chat.calls("sendMessage", GROUP))
        await chat.say("/imagine a fox", user=CHEN, chat=GROUP)
        await chat.see_text("Chen", chat=GROUP)
        assert len(chat.calls("sendMessage", GROUP)) == calls  # not tried again so soon


async def test_an_older_server_shows_one_message_to_all(tmp_path: Path) -> None:
    """It doesn't know the parameter, and would show every refusal to everyone."""
    async with fast_flow(tmp_path, daily_quota=0) as chat:
        await as_admin(chat)
        chat.playground.world.knows_whispers = False
        for user in (BORIS, CHEN, ANN):
            await chat.say("/imagine a fox", user=user, chat=GROUP)
        await chat.see(lambda m: "Chen" in m.words and "Ann" in m.words, chat=GROUP)
        assert len(chat.bot_messages(GROUP)) <= 1 + 2


async def test_an_ephemeral_command_is_answered_so(tmp_path: Path) -> None:
    async with fast_flow(tmp_path) as chat:
        await chat.turn_on()  # as a member, no admin
        before = len(chat.bot_messages(GROUP))
        await chat.playground.whisper(BORIS, GROUP, "/quota")
        await whispered(chat, BORIS, "20 units")
        await chat.playground.whisper(BORIS, GROUP, "/help")
        await whispered(chat, BORIS, "Options")
        assert len(chat.bot_messages(GROUP)) == before
