"""/admin, /queue and /job: one look at everything, by commands and by buttons."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.callbacks_operations import JobDeed, JobDeedWanted
from bot.playground import Answer, Message, Playground
from providers.errors import GenerationFailed
from providers.testing import FakeProvider, censor_prompt, fail, hang, succeed
from storage.base import Stores
from storage.records import AuditLine, JobState
from tests.bot.harness import ANN, BORIS, CHEN, Flow, flow

OWNER = frozenset({ANN})


@asynccontextmanager
async def stored(chat: Flow) -> AsyncIterator[Stores]:
    async with chat.app.delivery._storage.transaction() as tx:
        yield tx


async def audited(chat: Flow) -> list[AuditLine]:
    async with stored(chat) as tx:
        return await tx.audit.newest()


async def press(chat: Flow, message: Message, button: str, user: int = ANN) -> Answer:
    answer = await chat.playground.press(user, message.chat_id, message.message_id, button)
    assert answer is not None
    return answer


async def see_button(chat: Flow, button: str, where: int = ANN) -> Message:
    return await chat.see(lambda m: button in [each["text"] for each in m.buttons], chat=where)


async def open_panel(chat: Flow) -> Message:
    await chat.say("/admin")
    return await chat.see_text("The bot at a glance")


async def test_the_panel_shows_the_state_and_its_pages_in_one_message(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([succeed(), hang()]), admin_ids=OWNER) as chat:
        await chat.say("/imagine a fox", user=BORIS)
        await chat.see_picture(chat=BORIS)
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_text(" %", chat=BORIS)
        panel = await open_panel(chat)
        for fact in ("0 waiting · 1 running", "✓ fake", "1 done · 1 unit", "Nothing is paused"):
            assert fact in panel.words
        for button, words in (
            ("Queue", "@boris"),
            ("Back", "The bot at a glance"),
            ("Providers", "/providers asks each of them now"),
            ("Back", "The bot at a glance"),
            ("Audit", "Nothing yet."),
        ):
            assert await press(chat, panel, button) == Answer("", False)
            shown = await chat.see_text(words)
            assert shown.message_id == panel.message_id
        assert len(chat.bot_messages()) == 1


async def test_pauses_by_buttons(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        panel = await open_panel(chat)
        await press(chat, panel, "Pause")
        panel = await chat.see_text("Everything is paused")
        assert "Pause" not in [button["text"] for button in panel.buttons]
        await press(chat, panel, "Resume")
        await chat.see_text("Nothing is paused")
        await press(chat, panel, "Providers")
        await chat.see_text("/providers asks")
        await press(chat, panel, "Pause fake")
        panel = await chat.see_text("⏸ fake")
        await press(chat, panel, "Resume fake")
        await chat.see_text("✓ fake")
        await press(chat, panel, "Back")
        await chat.see_text("at a glance")
        await press(chat, panel, "Drain")
        await chat.see_text("Everything is finished")
        assert [line.action for line in reversed(await audited(chat))] == [
            "pause",
            "resume",
            "pause",
            "resume",
            "drain",
        ]


async def test_the_panel_works_after_a_restart_and_closes(tmp_path: Path) -> None:
    async with Playground.start() as playground:
        async with flow(tmp_path, playground=playground, admin_ids=OWNER) as chat:
            panel = await open_panel(chat)
        async with flow(tmp_path, playground=playground, admin_ids=OWNER) as again:
            await press(again, panel, "Queue")
            await see_button(again, "Back")
            await press(again, panel, "Back")
            await again.see_text("at a glance")
            await press(again, panel, "Close")
            await playground.wait_until(lambda: again.bot_messages() == [])


async def test_whoever_is_no_admin_any_more_is_refused(tmp_path: Path) -> None:
    """Named in the chat, shown the panel, and dismissed."""
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        async with stored(chat) as tx:
            await tx.users.set_role(BORIS, "admin")
        await chat.say("/admin", user=BORIS)
        panel = await chat.see_text("at a glance", chat=BORIS)
        assert (await press(chat, panel, "Queue", BORIS)).text == ""
        await see_button(chat, "Back", BORIS)
        async with stored(chat) as tx:
            await tx.users.set_role(BORIS, None)
        refused = await press(chat, panel, "Back", BORIS)
        assert refused.show_alert and "I don't know this button any more" in refused.text


async def test_the_queue_names_who_waits(tmp_path: Path) -> None:
    async with flow(
        tmp_path, FakeProvider([hang()] * 5), admin_ids=OWNER, max_running_per_user=1
    ) as chat:
        await chat.say("/imagine one", user=BORIS)
        await chat.see_text(" %", chat=BORIS)
        await chat.say("/imagine two", user=BORIS)
        await chat.see_text("Queued", chat=BORIS)
        await chat.say("/queue")
        queue = await chat.see_text("1 waiting · 1 running · the oldest waits for")
        assert f"@boris ({BORIS}): 1 waiting · 1 running" in queue.words


# One job.


async def test_a_job_is_told_with_all_its_history(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await chat.say("/imagine a fox & a <b>bear", user=BORIS)
        await chat.see_picture(chat=BORIS)
        await chat.delivered()
        await chat.say("/job 1")
        told = await chat.see_text("Request 1: done")
        for fact in (
            "a fox & a <b>bear",
            f"@boris ({BORIS})",
            "fake/fake-model",
            "accepted",
            "started, try 1",
            "order at fake for pictures 1 to 1: ordered, fake-1",
            "1 unit of 1 unit held were spent",
            "Pictures kept: 1",
            "delivered, tries: 1",
        ):
            assert fact in told.words
        assert [button["text"] for button in told.buttons] == ["Refresh"]


async def test_a_job_by_a_reply_to_its_request_or_its_picture(tmp_path: Path) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        asked = await chat.say("/imagine a fox")
        picture = await chat.see_picture()
        for message in (asked, picture):
            await chat.say("/job", reply_to=message.message_id)
        await chat.playground.wait_until(
            lambda: len([m for m in chat.bot_messages() if "Request 1: done" in m.words]) == 2
        )
        other = await chat.say("just words")
        await chat.say("/job", reply_to=other.message_id)
        await chat.see_text("belongs to no request")
        await chat.say("/job")
        await chat.see_text("Say which:")
        await chat.say("/job 99")
        await chat.see_text("There is no request 99")


async def test_an_admin_cancels_a_running_job(tmp_path: Path) -> None:
    async with flow(tmp_path, FakeProvider([hang()]), admin_ids=OWNER) as chat:
        await chat.say("/imagine a fox", user=BORIS)
        await chat.see_text(" %", chat=BORIS)
        await chat.say("/job 1")
        told = await chat.see_text("Request 1: running")
        assert "1 unit held" in told.words
        await press(chat, told, "Cancel")
        await chat.see_text("Canceled", chat=BORIS)
        await press(chat, told, "Refresh")
        told = await chat.see_text("Request 1: canceled")
        assert "1 unit held were given back" in told.words
        (line,) = await audited(chat)
        assert (line.action, line.target_id, line.details) == ("cancel_job", 1, {"user": BORIS})


async def test_a_failed_job_is_tried_again_once_at_its_owners_cost(tmp_path: Path) -> None:
    provider = FakeProvider([fail(GenerationFailed("fake")), succeed()])
    async with flow(tmp_path, provider, admin_ids=OWNER, daily_quota=1) as chat:
        asked = await chat.say("/imagine a fox", user=BORIS)
        await chat.see_text("failed on this request", chat=BORIS)
        await chat.say("/job 1")
        told = await chat.see_text("Request 1: failed")
        answer = await press(chat, told, "Retry")
        assert answer == Answer("Tried again as request 2.", True)
        picture = await chat.see_picture(chat=BORIS)
        assert picture.reply_to_message_id == asked.message_id
        await chat.see_text("Request 2")
        await chat.say("/job 1")
        await chat.playground.wait_until(
            lambda: len([m for m in chat.bot_messages() if "Request 1: failed" in m.words]) == 1
        )
        again = JobDeedWanted(deed=JobDeed.RETRY, job_id=1).pack()
        told = await chat.see_text("Request 1: failed")
        assert (await press(chat, told, again)).text == "Tried again as request 2."
        assert await chat.job(3) is None
        await chat.say("/quota", user=BORIS)
        await chat.see_text("0 units", chat=BORIS)
        assert [line.action for line in await audited(chat)] == ["retry_job"]


async def test_a_retry_needs_units_and_a_job_that_failed(tmp_path: Path) -> None:
    script = [fail(GenerationFailed("fake")), succeed(), censor_prompt("violence")]
    async with flow(tmp_path, FakeProvider(script), admin_ids=OWNER, daily_quota=1) as chat:
        await chat.say("/imagine a fox", user=BORIS)
        await chat.see_text("failed on this request", chat=BORIS)
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_picture(chat=BORIS)
        await chat.say("/job 1")
        told = await chat.see_text("Request 1: failed")
        refused = await press(chat, told, "Retry")
        assert f"{BORIS} has 0 units left" in refused.text and "/grant" in refused.text
        await chat.say("/imagine a wolf", user=CHEN)
        await chat.see_text("censored this description", chat=CHEN)
        await chat.say("/job 3")
        told = await chat.see_text("Request 3: censored")
        assert [button["text"] for button in told.buttons] == ["Refresh"]
        assert (await chat.job(4)) is None
        job = await chat.job(3)
        assert job is not None and job.state is JobState.CENSORED
