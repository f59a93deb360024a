"""What happens to groups and their messages: edits, deletions, moves, rights, slow mode, removals."""

from pathlib import Path

import pytest

from bot.playground import Playground, faults, wire
from bot.playground.records import Message
from providers.testing import Behaviour, FakeProvider, hang
from storage.records import DeliveryState
from tests.bot.harness import ANN, BORIS, GROUP, flow
from tests.bot.test_chat_settings import choose, settings_of
from tests.bot.test_groups import fast_flow, quiet

MOVED = -1002000000077


# Edited and deleted commands.


async def test_a_mended_command_is_a_new_try_and_an_accepted_one_is_left_alone(
    tmp_path: Path,
) -> None:
    async with fast_flow(tmp_path) as chat:
        await chat.turn_on()
        said = await chat.say("/imagine a fox --sed 42", user=BORIS, chat=GROUP)
        await chat.see_text("--sed", chat=GROUP)
        edit = chat.playground.edit
        await edit(BORIS, GROUP, said.message_id, "/imagine a fox --seed 42")
        picture = await chat.see_picture(chat=GROUP)
        assert picture.reply_to_message_id == said.message_id
        await edit(BORIS, GROUP, said.message_id, "/imagine a bear")
        await edit(BORIS, GROUP, said.message_id, "/imagine a bear --sid x")
        await quiet(chat)
        assert [r.prompt for r in chat.provider.requests] == ["a fox"]
        assert "--sid" not in " ".join(m.words for m in chat.bot_messages(GROUP))


async def test_an_edit_in_a_group_that_is_off_is_not_heard(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.playground.add_bot(GROUP, by=ANN)
        said = await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.playground.edit(BORIS, GROUP, said.message_id, "/imagine a bear")
        await quiet(chat)
        assert chat.bot_messages(GROUP) == [] and chat.provider.requests == []


async def test_a_command_of_long_ago_is_not_taken_up(tmp_path: Path) -> None:
    async with fast_flow(tmp_path) as chat:
        clock = chat.playground.world.clock
        await chat.turn_on()
        said = await chat.say("/imagine --n 9 a fox", user=BORIS, chat=GROUP)
        await chat.see_text("Boris", chat=GROUP)
        message = chat.playground.world.chats[GROUP].messages[said.message_id]
        message.date = message.date.replace(year=message.date.year - 1)
        await chat.playground.edit(BORIS, GROUP, said.message_id, "/imagine a fox")
        await quiet(chat)
        assert chat.provider.requests == [] and clock.now() > message.date


async def test_a_deleted_command_still_gets_its_picture(tmp_path: Path) -> None:
    async with fast_flow(tmp_path, [hang()]) as chat:
        await chat.turn_on()
        chat.playground.faults.add("sendMessage", faults.slow(0.3), chat_id=GROUP)
        said = await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.playground.delete_message(GROUP, said.message_id)
        status = await chat.see(lambda m: bool(m.buttons), chat=GROUP)
        assert status.reply_to_message_id is None


# A group becomes a supergroup.


async def test_settings_jobs_and_shared_units_follow_a_group_that_moved(tmp_path: Path) -> None:
    old = -4100
    async with flow(tmp_path, daily_quota=0, chat_daily_quota=3) as chat:
        playground = chat.playground
        playground.add_group(old, "Foxes", {ANN: "creator", BORIS: "member"}, "group")
        await chat.turn_on(old)
        await choose(chat, "style anime", "Style: anime", chat_id=old)
        await chat.say("/imagine a fox", user=BORIS, chat=old)
        first = await chat.see_picture(chat=old)
        assert "paid by the group" in first.words
        await move(playground, old, MOVED)
        await chat.playground.wait_until(lambda: playground.world.updates.pending == {})
        await chat.say("/quota", user=BORIS, chat=MOVED)
        told = await chat.see_text("This group shares", chat=MOVED)
        assert "2 of 3 for today" in told.words
        assert (await settings_of(chat, MOVED)).style == "anime"
        await chat.say("/imagine a bear", user=BORIS, chat=MOVED)
        moved = await chat.see_picture(chat=MOVED)
        assert "anime" in moved.words and "paid by the group" in moved.words


async def move(playground: Playground, old: int, new: int) -> None:
    """The group goes on as a supergroup: Telegram says so in both."""
    world = playground.world
    members = dict(world.chats[old].members)
    place = playground.add_group(new, world.chats[old].title, members)
    person = world.users[ANN]
    for chat_id, service in (
        (old, {"migrate_to_chat_id": new}),
        (new, {"migrate_from_chat_id": old}),
    ):
        said = Message(0, chat_id, person, world.clock.now(), service=service)
        world.add_message(world.chats[chat_id], said)
        world.updates.add("message", wire.message(said, world))
    assert place.has(world.bot.id)


# Rights, slow mode, removal.


async def test_slow_mode_delays_and_loses_nothing(tmp_path: Path) -> None:
    async with fast_flow(tmp_path) as chat:
        await chat.turn_on()
        chat.playground.faults.add("sendMessage", faults.flood(30), times=2, chat_id=GROUP)
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see_picture(chat=GROUP)
        assert len([m for m in chat.bot_messages(GROUP) if m.photo]) == 1


@pytest.mark.parametrize(
    "words",
    [
        "Bad Request: not enough rights to send text messages to the chat",
        "Bad Request: CHAT_WRITE_FORBIDDEN",
        "Bad Request: CHAT_RESTRICTED",
    ],
)
async def test_where_nothing_may_be_written_the_picture_waits_in_the_history(
    tmp_path: Path, words: str
) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        chat.playground.faults.add("sendMessage", faults.refusal(400, words), 99, chat_id=GROUP)
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        job = await chat.delivered()
        assert job.delivery is DeliveryState.UNDELIVERABLE
        await chat.say("/imagine a bear", user=BORIS)  # the bot itself goes on
        await chat.see_picture(chat=BORIS)


async def test_without_the_right_to_send_photos_it_says_what_is_missing(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        refused = faults.refusal(400, "Bad Request: not enough rights to send photos to the chat")
        chat.playground.faults.add("editMessageMedia", refused, 99, chat_id=GROUP)
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see_text("right to send photos", chat=GROUP)
        assert (await chat.delivered()).delivery is DeliveryState.DELIVERED


async def test_removed_and_added_again_the_group_is_as_it_was(tmp_path: Path) -> None:
    """What is on its way when the bot is removed ends; the settings and the switch stay."""
    gate = hang()
    async with fast_flow(tmp_path, [gate]) as chat:
        await chat.turn_on()
        await choose(chat, "style anime", "Style: anime")
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see_text(" %", chat=GROUP)
        await chat.playground.kick(GROUP, by=ANN)
        await chat.playground.add_bot(GROUP, by=ANN)
        assert (await settings_of(chat)).style == "anime"
        await chat.say("/imagine a bear", user=ANN, chat=GROUP)
        picture = await chat.see_picture(chat=GROUP)
        assert "anime" in picture.words


async def test_a_result_for_a_group_that_removed_the_bot_is_over(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([Behaviour(seconds=0.5)])) as chat:
        await chat.turn_on()
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see(lambda m: bool(m.buttons), chat=GROUP)
        await chat.playground.kick(GROUP, by=ANN)
        job = await chat.delivered()
        assert job.delivery is DeliveryState.UNDELIVERABLE


# Who writes.


async def test_a_channel_pays_for_itself_and_is_no_admin(tmp_path: Path) -> None:
    async with fast_flow(tmp_path, daily_quota=1) as chat:
        await chat.turn_on()
        channel = -1002000000088
        chat.playground.add_channel(channel, "Fox news", BORIS)
        send = chat.playground.send
        await send(BORIS, GROUP, "/imagine a fox", as_chat=channel)
        await chat.see_picture(chat=GROUP)
        await send(BORIS, GROUP, "/imagine a bear", as_chat=channel)
        await chat.see_text("0 units", chat=GROUP)
        await send(BORIS, GROUP, "/chatsettings style anime", as_chat=channel)
        await chat.see_text("Only this group's admins", chat=GROUP)
        await chat.say("/imagine an owl", user=BORIS, chat=GROUP)  # his own units are untouched
        await chat.delivered(2)


async def test_privacy_mode_leaves_commands_and_replies(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        root = await chat.say("look at this", user=ANN, chat=GROUP)
        await chat.say("a fox please", user=BORIS, chat=GROUP)
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP, reply_to=root.message_id)
        picture = await chat.see_picture(chat=GROUP)
        await chat.say("nice", user=BORIS, chat=GROUP, reply_to=picture.message_id)
        await quiet(chat)
        assert [r.prompt for r in chat.provider.requests] == ["a fox"]
        assert len(chat.bot_messages(GROUP)) == 2  # with the answer to /enable
