"""Groups: off until someone entitled turns them on, quiet when on, and every answer in its place."""

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from bot.callbacks import CancelPressed
from bot.playground import Message, wire
from bot.playground import records as playground_records
from bot.playground.entities import found_in
from bot.telegram.pace import GROUP_SPACING
from providers.testing import Behaviour, FakeProvider, hang
from tests.bot.harness import ANN, BORIS, CHEN, GROUP, Flow, flow
from tests.fakes.fast_clock import FastClock

FORUM = -1002000000009
ANONYMOUS_ADMIN = playground_records.User(1087968824, "Group", "GroupAnonymousBot", is_bot=True)
EDITS = ("editMessageText", "editMessageMedia")


def fast_flow(
    tmp_path: Path, script: Iterable[Behaviour] = (), **settings: Any
) -> AbstractAsyncContextManager[Flow]:
    clock = FastClock()
    return flow(tmp_path, FakeProvider(script, clock=clock), clock=clock, **settings)


def say_anonymously(chat: Flow, text: str, chat_id: int = GROUP) -> int:
    """An admin of the group writes as the group itself."""
    world = chat.playground.world
    place = world.chat(chat_id)
    said = playground_records.Message(
        0, chat_id, ANONYMOUS_ADMIN, world.clock.now(), text=text, entities=found_in(text)
    )
    world.add_message(place, said)
    as_chat = {"sender_chat": wire.chat(place, world)}
    world.updates.add("message", wire.message(said, world) | as_chat)
    return said.message_id


async def quiet(chat: Flow) -> None:
    """Until everything the bot was told so far has been answered, if it ever will be."""
    for times in (1, 2):  # what comes in the second batch is handled after all of the first
        await chat.say("/help", user=CHEN)
        await chat.playground.wait_until(lambda n=times: len(chat.bot_messages(CHEN)) == n)
    while chat.app.outbox._busy:  # noqa: ASYNC110 - it tells nobody when it is done
        await asyncio.sleep(0.01)


# Off and on.


async def test_strangers_in_a_group_that_is_off_get_silence(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.playground.add_bot(GROUP, by=ANN)
        for text in ("/imagine a fox", "/help", "/quota", "/cancel", "/styles", "/models"):
            await chat.say(text, user=BORIS, chat=GROUP)
        await quiet(chat)
        assert chat.bot_messages(GROUP) == []


async def test_an_admin_is_told_once_how_to_turn_the_group_on(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.playground.add_bot(GROUP, by=ANN)
        await chat.say("just talking @imagine_bot", user=ANN, chat=GROUP)
        for _ in range(3):
            await chat.say("/imagine a fox", user=ANN, chat=GROUP)
        await quiet(chat)
        (hint,) = chat.bot_messages(GROUP)
        assert "/enable" in hint.words


async def test_disable_turns_the_group_off_and_allows_one_more_hint(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await chat.say("/disable", user=ANN, chat=GROUP)
        await chat.see_text("I'm off in this group now", chat=GROUP)
        for _ in range(2):
            await chat.say("/imagine a fox", user=ANN, chat=GROUP)
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await quiet(chat)
        assert len([m for m in chat.bot_messages(GROUP) if "As an admin" in m.words]) == 1
        assert len(chat.bot_messages(GROUP)) == 3
        assert chat.provider.requests == []


async def test_an_admin_of_the_bot_may_enable_any_group(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=frozenset({BORIS})) as chat:
        await chat.playground.add_bot(GROUP, by=ANN)
        await chat.say("/enable", user=BORIS, chat=GROUP)
        await chat.see_text("I'm on", chat=GROUP)


async def test_an_anonymous_admin_may_enable_draw_and_cancel(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([Behaviour(), hang()])) as chat:
        await chat.playground.add_bot(GROUP, by=ANN)
        say_anonymously(chat, "/enable")
        await chat.see_text("I'm on", chat=GROUP)
        say_anonymously(chat, "/imagine a fox")
        await chat.see_picture(chat=GROUP)
        say_anonymously(chat, "/imagine a bear")
        await chat.see_text(" %", chat=GROUP)
        say_anonymously(chat, "/cancel")
        await chat.see_text("Canceled 1 request", chat=GROUP)
        await chat.see_text("Canceled.", chat=GROUP)
        say_anonymously(chat, "/quota")
        assert "19 units" in (await chat.see_text("left", chat=GROUP)).words


async def test_nobody_else_may_turn_a_group_on_or_off(tmp_path: Path) -> None:
    async with fast_flow(tmp_path) as chat:
        await chat.playground.add_bot(GROUP, by=ANN)
        await chat.say("/enable", user=BORIS, chat=GROUP)
        await chat.see_text("Only this group's admins", chat=GROUP)
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.say("/enable", user=ANN, chat=GROUP)
        await chat.see_text("I'm on", chat=GROUP)
        await chat.say("/disable", user=CHEN, chat=GROUP)
        await chat.say("/imagine a bear", user=CHEN, chat=GROUP)
        await chat.see_picture(chat=GROUP)
        assert [r.prompt for r in chat.provider.requests] == ["a bear"]


async def test_a_group_is_on_at_once_when_an_admin_of_the_bot_adds_it(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=frozenset({BORIS})) as chat:
        await chat.playground.add_bot(GROUP, by=BORIS)
        await chat.say("/imagine a fox", user=CHEN, chat=GROUP)
        await chat.see_picture(chat=GROUP)


# Every answer in its place.


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_answers_go_to_the_command_and_into_its_topic(tmp_path: Path, webhook: bool) -> None:
    """In a forum every message "replies" to its topic's first one; that is no picture brought."""
    async with fast_flow(tmp_path, webhook=webhook) as chat:
        chat.playground.add_group(FORUM, "Forum", {ANN: "creator", BORIS: "member"}, is_forum=True)
        await chat.turn_on(FORUM)
        topic = await chat.playground.add_topic(FORUM, "Foxes", by=ANN)
        before = len(chat.playground.calls)
        command = await chat.say("/imagine a fox", user=BORIS, chat=FORUM, thread_id=topic)
        picture = await chat.see_picture(chat=FORUM)
        assert picture.reply_to_message_id == command.message_id
        assert picture.thread_id == topic
        for text in ("/help", "/quota", "/imagine --n 99 a fox", "/cancel"):
            await chat.say(text, user=BORIS, chat=FORUM, thread_id=topic)
        await chat.see_text("Options", chat=FORUM)
        await chat.see_text("nothing waiting", chat=FORUM)
        sent = [c for c in chat.playground.calls[before:] if c.method.startswith("send")]
        assert len(sent) >= 4
        assert {c.params.get("message_thread_id") for c in sent} == {topic}
        await chat.say("/help", user=BORIS, chat=FORUM)  # the General topic has no number
        await chat.playground.wait_until(
            lambda: chat.calls("sendMessage", FORUM)[-1].params.get("message_thread_id") is None
        )


async def test_a_reply_thread_of_a_plain_group_is_no_topic(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        root = await chat.say("look here", user=ANN, chat=GROUP)
        command = await chat.say("/imagine a fox", user=BORIS, chat=GROUP, reply_to=root.message_id)
        picture = await chat.see_picture(chat=GROUP)
        assert picture.reply_to_message_id == command.message_id


async def test_only_commands_for_this_bot_are_obeyed(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await chat.playground.add_bot(GROUP, by=ANN, status="administrator")  # it sees everything
        await chat.say("/imagine@other_bot a bear", user=BORIS, chat=GROUP)
        await chat.say("/imagine@Imagine_Bot a fox", user=BORIS, chat=GROUP)
        await chat.see_picture(chat=GROUP)
        assert [r.prompt for r in chat.provider.requests] == ["a fox"]


# Quiet.


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
async def test_twenty_refusals_show_two_messages_at_most_and_name_everyone(
    tmp_path: Path, webhook: bool
) -> None:
    clock = FastClock(4)  # a minute must be longer than twenty refusals take on a busy machine
    async with flow(
        tmp_path, FakeProvider(clock=clock), clock=clock, webhook=webhook, daily_quota=0
    ) as chat:
        await chat.turn_on()
        chat.playground.world.chats[GROUP].members |= {
            2000 + number: "member" for number in range(10)
        }
        names = [f"Guest{number}" for number in range(10)]
        for number, name in enumerate(names):
            chat.playground.add_user(2000 + number, name)
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                text = "/imagine a fox" if number < 10 else f"/imagine a fox --option{number % 5} 1"
                user = 2000 + number % 10
                group.create_task(chat.say(text, user=user, chat=GROUP))
        notice = await chat.see(lambda m: all(n in m.words for n in names), chat=GROUP)
        assert "0 units left" in notice.words
        assert len(chat.bot_messages(GROUP)) <= 1 + 2  # with the answer to /enable


async def test_the_next_minute_has_a_notice_of_its_own(tmp_path: Path) -> None:
    async with fast_flow(tmp_path) as chat:
        clock = chat.app.worker._clock
        await chat.turn_on()
        await chat.say("/imagine a fox --n 9", user=BORIS, chat=GROUP)
        first = await chat.see_text("Boris", chat=GROUP)
        await clock.sleep(61)
        await chat.say("/imagine a fox --n 9", user=CHEN, chat=GROUP)
        second = await chat.see_text("Chen", chat=GROUP)
        assert first.message_id != second.message_id and "Boris" not in second.words


async def test_edits_in_a_group_keep_their_distance(tmp_path: Path) -> None:
    steady = Behaviour(progress=tuple(n / 20 for n in range(1, 20)), seconds=60)
    async with fast_flow(tmp_path, [steady] * 4, daily_quota=4) as chat:
        await chat.turn_on()
        for user in (ANN, BORIS, CHEN, ANN):
            await chat.say("/imagine a fox", user=user, chat=GROUP)
        for _ in range(3):
            await chat.say("/imagine --n 9 a fox", user=BORIS, chat=GROUP)
        await chat.playground.wait_until(
            lambda: len([m for m in chat.bot_messages(GROUP) if m.photo]) == 4, 180
        )
        edits = [c for c in chat.calls("editMessageText", GROUP) if c.ok]
        assert len(edits) >= 5
        # Over all of them: a busy machine may hold one edit up and so bring it near the next.
        lasted = (edits[-1].at - edits[0].at).total_seconds()
        assert lasted >= (len(edits) - 2) * GROUP_SPACING


# Buttons.


@pytest.mark.parametrize(("user", "allowed"), [(BORIS, True), (ANN, True), (CHEN, False)])
async def test_cancel_obeys_the_author_and_the_admins(
    tmp_path: Path, user: int, allowed: bool
) -> None:
    async with flow(tmp_path, FakeProvider([hang()])) as chat:
        await chat.turn_on()
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        status = await chat.see(lambda m: bool(m.buttons), chat=GROUP)
        answer = await chat.playground.press(user, GROUP, status.message_id, "Cancel")
        assert answer is not None and answer.show_alert is not allowed
        assert (answer.text.startswith("Only the person")) is not allowed


async def test_an_admin_here_is_nobody_elsewhere(tmp_path: Path) -> None:
    """A client may send any button data, also that of another chat's job."""
    async with fast_flow(tmp_path, [hang(), hang()]) as chat:
        await chat.turn_on()
        await chat.say("/imagine a secret", user=BORIS)
        await chat.see(lambda m: bool(m.buttons), chat=BORIS)
        await chat.say("/imagine a fox", user=ANN, chat=GROUP)
        status = await chat.see(lambda m: bool(m.buttons), chat=GROUP)
        answer = await forged_press(chat, status, CancelPressed(job_id=1).pack())
        assert answer["show_alert"] and answer["text"].startswith("Only the person")
        answer = await forged_press(chat, status, CancelPressed(job_id=999).pack())
        assert answer["show_alert"]
        for nonsense in ("cancel:x", "cancel", "cancel:1:2", "\x00", "cancel:" + "9" * 50):
            await forged_press(chat, status, nonsense, wait=0)
        await quiet(chat)
        assert not any("Canceled" in m.words for m in chat.bot_messages(BORIS))


async def forged_press(
    chat: Flow, status: Message, data: str, *, user: int = ANN, wait: float = 5.0
) -> dict[str, Any]:
    world = chat.playground.world
    query = world.ask(user, world.chats[status.chat_id], status)
    world.updates.add(
        "callback_query",
        {
            "id": query.id,
            "from": wire.user(world.users[user]),
            "chat_instance": str(status.chat_id),
            "message": wire.message(status, world),
            "data": data,
        },
    )
    if wait:
        await chat.playground.wait_until(lambda: query.answer, wait)
    return query.answer or {}


async def test_a_button_under_a_message_out_of_reach_still_works(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([hang()])) as chat:
        await chat.say("/imagine a fox")
        status = await chat.see(lambda m: bool(m.buttons))
        world = chat.playground.world
        query = world.ask(ANN, world.chats[ANN], status)
        world.updates.add(
            "callback_query",
            {
                "id": query.id,
                "from": wire.user(world.users[ANN]),
                "chat_instance": "1",
                "message": wire.inaccessible(world.chats[ANN], status.message_id, world),
                "data": CancelPressed(job_id=1).pack(),
            },
        )
        await chat.see_text("Canceled")
