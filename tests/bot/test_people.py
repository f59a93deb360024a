"""Owners and admins in the chat: what they do about people, and that nobody else can."""

from pathlib import Path

from bot.callbacks import CancelPressed
from bot.playground import Message, wire
from bot.playground import records as playground_records
from providers.testing import FakeProvider, hang
from storage.records import JobState
from tests.bot.harness import ANN, BORIS, CHEN, GROUP, Flow, flow
from tests.bot.test_groups import forged_press

OWNED_BY_ANN = {"admin_ids": frozenset({ANN})}
COMMANDS = (
    *("/user 1", "/grant 1 5", "/limit 1 5", "/reset 1", "/ban 1", "/unban 1"),
    *("/allow 1", "/disallow 1", "/invite", "/invites", "/promote 1", "/demote 1", "/admins"),
    *("/audit", "/chatlimit -1 5"),
)


async def answer(chat: Flow, text: str, /, *, user: int = ANN, **more: int) -> Message:
    """What the bot says next to this, in the private chat with who said it."""
    before = len(chat.bot_messages(user))
    await chat.say(text, user=user, **more)
    await chat.playground.wait_until(lambda: len(chat.bot_messages(user)) > before)
    return chat.bot_messages(user)[before]


async def test_units_are_given_taken_limited_and_forgiven(tmp_path: Path) -> None:
    async with flow(tmp_path, daily_quota=3, **OWNED_BY_ANN) as chat:
        await chat.say("/imagine a fox --n 2", user=BORIS)
        await chat.see_picture(chat=BORIS)
        told = (await answer(chat, f"/user {BORIS}")).words
        for fact in ("Boris", "@boris", str(BORIS), "user", "1/3 today", "1 done", "#1"):
            assert fact in told
        assert "Spent: 2 today, 2 in 7 days, 2 units in all" in told
        assert "a fox" not in told
        told = (await answer(chat, "/grant @BORIS 10")).words
        assert "10 units given" in told and "10 units extra" in told
        assert "7 units taken back" in (await answer(chat, f"/grant {BORIS} -7")).words
        assert "3 units taken back" in (await answer(chat, f"/grant {BORIS} -99")).words
        assert "1/3 today" in (await answer(chat, "/limit @boris default")).words
        assert "48/50 today" in (await answer(chat, "/limit @boris 50")).words
        assert "2 units of today forgiven" in (await answer(chat, "/reset @boris")).words
        assert "Unlimited units" in (await answer(chat, "/limit @boris unlimited")).words
        await chat.say("/quota", user=BORIS)
        await chat.see_text("as much as you like", chat=BORIS)
        log = (await answer(chat, "/audit @boris")).words.splitlines()
        assert len(log) == 8 and "unlimited" in log[1] and f"gave {BORIS} 10 units" in log[-1]


async def test_ids_never_seen_are_taken_and_what_cannot_be_read_is_explained(
    tmp_path: Path,
) -> None:
    async with flow(tmp_path, **OWNED_BY_ANN) as chat:
        for command in ("/grant 777 5", "/limit 777 5", "/ban 777 2d", "/unban 777", "/allow 777"):
            assert "777" in (await answer(chat, command)).words
        assert "5 units extra" in (await answer(chat, "/user 777")).words
        assert "never seen" in (await answer(chat, "/user 778")).words
        for command in ("/user", "/grant 5", "/grant 777 many", "/limit 777", "/user 777 x"):
            assert "Say whom" in (await answer(chat, command)).words
        assert "I don't know @nobody" in (await answer(chat, "/user @nobody")).words
        assert "Owners and admins" in (await answer(chat, f"/ban {ANN}")).words


async def test_a_ban_cancels_refuses_once_a_minute_and_outlives_a_restart(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([hang()]), **OWNED_BY_ANN) as chat:
        await chat.say("/imagine a fox", user=BORIS)
        status = await chat.see_text(" %", chat=BORIS)
        told = (await answer(chat, f"/ban {BORIS} 2d <spam> & more")).words
        assert "1 request was canceled" in told and "<spam> & more" in told
        await chat.job_until(lambda job: job.state is JobState.CANCELED)
        refusal = (await answer(chat, "/imagine a bear", user=BORIS)).words
        assert "for 2 days" in refusal and "<spam> & more" in refusal
        toast = await forged_press(chat, status, CancelPressed(job_id=1).pack(), user=BORIS)
        assert toast["show_alert"] and "2 days" in toast["text"]
        before = len(chat.bot_messages(BORIS))
        for text in ("/imagine a wolf", "/help", "hello"):
            await chat.say(text, user=BORIS)
        await answer(chat, "/help")
        assert len(chat.bot_messages(BORIS)) == before
    async with flow(tmp_path, **OWNED_BY_ANN) as again:
        await again.say("/imagine a bear", user=BORIS)  # told so less than a minute ago
        assert "Banned until" in (await answer(again, f"/user {BORIS}")).words
        assert "Nothing is held" in (await answer(again, f"/unban {BORIS}")).words
        await again.say("/imagine a wolf", user=BORIS)
        await again.see_picture(chat=BORIS)
        assert [request.prompt for request in again.provider.requests] == ["a wolf"]


async def test_in_a_group_an_admin_replies_and_is_answered_in_private(tmp_path: Path) -> None:
    async with flow(tmp_path, **OWNED_BY_ANN) as chat:
        await chat.turn_on()
        await answer(chat, "/start")
        said = await chat.say("look here", user=BORIS, chat=GROUP)
        before = len(chat.bot_messages(GROUP))
        told = await answer(chat, "/grant 5", chat=GROUP, reply_to=said.message_id)
        assert "5 units given" in told.words and str(BORIS) in told.words
        told = await answer(chat, "/grant five", chat=GROUP, reply_to=said.message_id)
        assert "Say whom" in told.words
        told = await answer(chat, "/grant @nobody 5", chat=GROUP, reply_to=said.message_id)
        assert "@nobody" in told.words
        await chat.say("/ban", user=CHEN, chat=GROUP, reply_to=said.message_id)
        await chat.say(f"/ban {BORIS}", chat=GROUP)
        told = await answer(chat, "/user @boris")
        assert "Banned" not in told.words
        assert len(chat.bot_messages(GROUP)) == before


async def test_others_get_no_hint_that_there_are_such_commands(tmp_path: Path) -> None:
    async with flow(tmp_path, **OWNED_BY_ANN) as chat:
        for command in COMMANDS:
            assert "begins with /imagine" in (await answer(chat, command, user=BORIS)).words
        assert "/grant" not in (await answer(chat, "/help", user=BORIS)).words
        assert "/grant" in (await answer(chat, "/help")).words


async def test_owners_name_admins_who_name_nobody(tmp_path: Path) -> None:
    async with flow(tmp_path, daily_quota=0, **OWNED_BY_ANN) as chat:
        assert "An admin" in (await answer(chat, f"/promote {BORIS}")).words
        assert "Unlimited units" in (await answer(chat, f"/user {BORIS}", user=BORIS)).words
        await chat.say("/imagine a fox", user=BORIS)
        await chat.see_picture(chat=BORIS)
        assert "can't be banned" in (await answer(chat, f"/ban {ANN}", user=BORIS)).words
        assert "begins with" in (await answer(chat, f"/promote {CHEN}", user=BORIS)).words
        told = (await answer(chat, "/admins")).words
        assert f"{ANN} · owner" in told and f"{BORIS} · admin" in told
        assert "No admin" in (await answer(chat, f"/demote {BORIS}")).words
        assert "begins with" in (await answer(chat, f"/user {ANN}", user=BORIS)).words


async def test_the_audit_log_is_turned_page_by_page(tmp_path: Path) -> None:
    async with flow(tmp_path, **OWNED_BY_ANN) as chat:
        for units in range(1, 13):
            await answer(chat, f"/grant 777 {units}")
        page = await answer(chat, "/audit")
        assert "12 units" in page.words and "gave 777 2 units" not in page.words
        await chat.playground.press(ANN, ANN, page.message_id, "Older")
        older = await chat.see_text("gave 777 2 units")
        assert older.message_id == page.message_id and not older.buttons


async def test_someone_without_a_name_to_type_is_mentioned(tmp_path: Path) -> None:
    async with flow(tmp_path, **OWNED_BY_ANN) as chat:
        mention = {
            "type": "text_mention",
            "offset": len("/grant "),
            "length": len("Boris the Great"),
            "user": {"id": BORIS, "is_bot": False, "first_name": "Boris the Great"},
        }
        world = chat.playground.world
        text = "/grant Boris the Great 5"
        said = playground_records.Message(0, ANN, world.users[ANN], world.clock.now(), text=text)
        world.add_message(world.chats[ANN], said)
        as_sent = wire.message(said, world)
        as_sent["entities"] = [{"type": "bot_command", "offset": 0, "length": 6}, mention]
        world.chats[ANN].members[world.bot.id] = "member"
        world.updates.add("message", as_sent)
        told = await chat.see_text("5 units given")
        assert str(BORIS) in told.words


async def test_a_group_shares_what_an_admin_says(tmp_path: Path) -> None:
    async with flow(tmp_path, daily_quota=0, **OWNED_BY_ANN) as chat:
        await chat.turn_on()
        await answer(chat, "/start")
        told = (await answer(chat, "/chatlimit 2", chat=GROUP)).words
        assert "2 units" in told and "2 of 2 for today" in told and str(GROUP) in told
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see_picture(chat=GROUP)
        assert "1 of 2 for today" in (await answer(chat, f"/chatlimit {GROUP} 2")).words
        told = (await answer(chat, f"/chatlimit {GROUP} unlimited")).words
        assert "as many units as it needs" in told
        assert "shares nothing" in (await answer(chat, f"/chatlimit {GROUP} 0")).words
        assert "haven't seen" in (await answer(chat, "/chatlimit -777 5")).words
        for unclear in ("/chatlimit", "/chatlimit 5", "/chatlimit -1 x", "/chatlimit 5 5"):
            assert "Say which group" in (await answer(chat, unclear)).words
        log = (await answer(chat, f"/audit {GROUP}")).words
        assert "set what the group" in log and "unlimited" in log


async def test_nobody_else_says_what_a_group_shares(tmp_path: Path) -> None:
    async with flow(tmp_path, daily_quota=0, **OWNED_BY_ANN) as chat:
        await chat.turn_on()
        await chat.say("/chatlimit 5", user=BORIS, chat=GROUP)
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see_text("0 units left", chat=GROUP)
        async with chat.app.delivery._storage.reading() as view:
            log = await view.audit.newest(target_id=GROUP)
        assert "chatlimit" not in {line.action for line in log}
