"""What a group's admins choose for it by /chatsettings, and that it takes effect."""

from pathlib import Path

from bot.usecases.chat_settings import ChatSettings
from storage.records import AuditLine
from tests.bot.harness import ANN, BORIS, GROUP, Flow, flow
from tests.bot.test_groups import FORUM, quiet, say_anonymously


async def settings_of(chat: Flow, chat_id: int = GROUP) -> ChatSettings:
    async with chat.app.delivery._storage.reading() as view:
        found = await view.chats.get(chat_id)
    return ChatSettings.load(found.settings if found else None)


async def audit(chat: Flow) -> list[AuditLine]:
    async with chat.app.delivery._storage.reading() as view:
        return await view.audit.newest(target_id=GROUP)


async def choose(chat: Flow, words: str, part: str, *, chat_id: int = GROUP) -> None:
    """Typed by an admin; `part` of the answer shows that it was understood."""
    await chat.say(f"/chatsettings {words}", user=ANN, chat=chat_id)
    await chat.see_text(part, chat=chat_id)


async def test_an_admin_chooses_by_buttons_in_one_message(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        command = await chat.say("/chatsettings", user=ANN, chat=GROUP)
        panel = await chat.see_text("Settings of this group", chat=GROUP)
        assert panel.reply_to_message_id == command.message_id
        assert "Topics" not in panel.words  # this group has none
        press = chat.playground.press
        await press(ANN, GROUP, panel.message_id, "Pause: off")
        await chat.see(lambda m: any(b["text"] == "✓ off" for b in m.buttons), chat=GROUP)
        await press(ANN, GROUP, panel.message_id, "60 s")
        changed = await chat.see_text("Pause: 60 s", chat=GROUP)
        assert changed.message_id == panel.message_id
        assert (await settings_of(chat)).cooldown == 60
        newest, switched_on = await audit(chat)
        assert (newest.actor_id, newest.action) == (ANN, "chatsettings")
        assert newest.details == {"cooldown": 60} and switched_on.action == "enable"
        await press(ANN, GROUP, panel.message_id, "Close")
        messages = chat.playground.world.chats[GROUP].messages
        await chat.playground.wait_until(lambda: panel.message_id not in messages)


async def test_only_admins_choose(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await chat.say("/chatsettings cooldown 60", user=BORIS, chat=GROUP)
        await chat.see_text("Only this group's admins", chat=GROUP)
        say_anonymously(chat, "/chatsettings quiet 0-8")
        panel = await chat.see_text("0:00 to 8:00", chat=GROUP)
        answer = await chat.playground.press(BORIS, GROUP, panel.message_id, "Pause: off")
        assert answer is not None and answer.show_alert
        assert await settings_of(chat) == ChatSettings(quiet=(0, 8))
        await chat.say("/chatsettings")
        await chat.see_text("for groups")


async def test_a_wrong_word_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await chat.say("/chatsettings cooldown soon", user=ANN, chat=GROUP)
        await chat.see_text("Any number of seconds", chat=GROUP)
        assert await settings_of(chat) == ChatSettings()


async def test_drawing_is_switched_like_any_setting(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await choose(chat, "enabled off", "Drawing: off")
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await quiet(chat)
        assert chat.provider.requests == []
        await choose(chat, "enabled on", "Drawing: on")
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see_picture(chat=GROUP)


async def test_who_may_ask(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await choose(chat, "who admins", "admins only")
        await chat.say("/imagine a bear", user=BORIS, chat=GROUP)
        await chat.see_text("only its admins can ask", chat=GROUP)
        await chat.say("/imagine a fox", user=ANN, chat=GROUP)
        await chat.delivered(1)
        say_anonymously(chat, "/imagine an owl")
        await chat.delivered(2)
        await chat.say("/imagine a cat", user=BORIS)  # elsewhere it says nothing
        await chat.see_picture(chat=BORIS)
        assert [r.prompt for r in chat.provider.requests] == ["a fox", "an owl", "a cat"]


async def test_a_pause_between_one_persons_requests(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await choose(chat, "cooldown 3600", "Pause: 60 min")
        for prompt in ("a fox", "a fox again", "a third fox"):  # at once: they come in one batch
            await chat.say(f"/imagine {prompt}", user=BORIS, chat=GROUP)
        await chat.see_text("Ask again in 60 min", chat=GROUP)
        await chat.say("/imagine a bear", user=ANN, chat=GROUP)
        await chat.delivered(2)
        await quiet(chat)
        assert len(chat.provider.requests) == 2


async def test_topics(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        chat.playground.add_group(FORUM, "Forum", {ANN: "creator", BORIS: "member"}, is_forum=True)
        await chat.turn_on(FORUM)
        foxes = await chat.playground.add_topic(FORUM, "Foxes", by=ANN)
        bears = await chat.playground.add_topic(FORUM, "Bears", by=ANN)
        say = chat.playground.send
        await say(ANN, FORUM, "/chatsettings topics here", thread_id=foxes)
        panel = await chat.see_text("Topics: only some", chat=FORUM)
        assert panel.thread_id == foxes
        await say(BORIS, FORUM, "/imagine a bear", thread_id=bears)
        refusal = await chat.see_text("I don't draw in this topic", chat=FORUM)
        assert refusal.thread_id == bears
        await say(BORIS, FORUM, "/imagine a fox", thread_id=foxes)
        assert (await chat.see_picture(chat=FORUM)).thread_id == foxes
        await chat.playground.press(ANN, FORUM, panel.message_id, "Topics: only some")
        await chat.see(lambda m: any("this topic" in b["text"] for b in m.buttons), chat=FORUM)
        await chat.playground.press(ANN, FORUM, panel.message_id, "this topic")
        await chat.see_text("Topics: all", chat=FORUM)


async def test_the_groups_own_style_and_shape(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await choose(chat, "style anime", "Style: anime")
        await choose(chat, "ratio 16:9", "Shape: 16:9")
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see(lambda m: "anime · 16:9" in m.words, chat=GROUP)
        await chat.say("/imagine a fox --style default --ar 1:1", user=BORIS, chat=GROUP)
        await chat.see(lambda m: "default · 1:1" in m.words, chat=GROUP)


async def test_the_owners_list_of_groups(tmp_path: Path) -> None:
    """A group on the list is on from the first; another can't be turned on, and says so once."""
    async with flow(tmp_path, allowed_chats=frozenset({GROUP}), admin_ids={ANN}) as chat:
        await chat.playground.add_bot(GROUP, by=BORIS)
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see_picture(chat=GROUP)
        chat.playground.add_group(FORUM, "Other", {ANN: "creator", BORIS: "member"})
        await chat.playground.add_bot(FORUM, by=ANN)
        for text in ("/imagine a fox", "/imagine a bear"):
            await chat.say(text, user=ANN, chat=FORUM)
            await chat.say(text, user=BORIS, chat=FORUM)
        await quiet(chat)
        (hint,) = chat.bot_messages(FORUM)
        assert str(FORUM) in hint.words
        await chat.say("/enable", user=ANN, chat=FORUM)
        await chat.playground.wait_until(lambda: len(chat.bot_messages(FORUM)) == 2)
        assert len(chat.provider.requests) == 1


async def test_the_title_is_remembered(tmp_path: Path) -> None:
    async with flow(tmp_path) as chat:
        await chat.turn_on()
        await chat.say("/imagine a fox", user=BORIS, chat=GROUP)
        await chat.see_picture(chat=GROUP)
        async with chat.app.delivery._storage.reading() as view:
            found = await view.chats.get(GROUP)
        assert found is not None and found.title == chat.playground.world.chats[GROUP].title
