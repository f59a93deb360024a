"""What the bot sends is held to Telegram's rules, and refused in Telegram's words."""

from typing import Any

import pytest

from bot.playground import ANN, BORIS, CHEN, GROUP, Playground
from bot.playground.methods_callback import REACTIONS
from bot.playground.registry import METHODS
from tests.fakes.bot_api_schema import BotApiSchema
from tests.playground.conftest import Client, HandClock, picture

CANCEL = {"inline_keyboard": [[{"text": "Cancel", "callback_data": "c:1"}]]}


@pytest.fixture(autouse=True)
async def started(playground: Playground) -> None:
    await playground.send(ANN, ANN, "/start")


def test_every_method_takes_only_parameters_the_api_has(schema: BotApiSchema) -> None:
    assert len(METHODS) >= 30
    for entry in METHODS.values():
        assert entry.takes <= set(schema.methods[entry.name]["parameters"])


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"text": ""}, "400 Bad Request: message text is empty"),
        ({"text": " \n"}, "400 Bad Request: text must be non-empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "400 Bad Request: text must be non-empty"),
        ({"text": "x" * 4097}, "400 Bad Request: message is too long"),
        ({"text": "x", "parse_mode": "Markup"}, "400 Bad Request: unsupported parse_mode"),
        ({"text": "x", "prase_mode": "HTML"}, 'unknown parameter "prase_mode" in sendMessage'),
        ({"text": "x", "chat_id": 77}, "400 Bad Request: chat not found"),
        ({"text": "x", "chat_id": BORIS}, "403 Forbidden: bot can't initiate conversation"),
        ({"text": "x", "chat_id": GROUP}, "403 Forbidden: bot is not a member of the supergroup"),
        ({"text": "x", "message_thread_id": 9}, "400 Bad Request: message thread not found"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "x", "reply_markup": {"buttons": []}}, "object expected as reply markup"),
    ],
)
async def test_a_faulty_message_is_refused(
    client: Client, params: dict[str, Any], refusal: str
) -> None:
    assert refusal in await client.refused("sendMessage", **{"chat_id": ANN, **params})


async def test_limits_count_what_is_left_after_parsing(client: Client) -> None:
    await client.ok("sendMessage", chat_id=ANN, text="<b>" + "x" * 4096 + "</b>", parse_mode="HTML")
    await client.ok("sendPhoto", chat_id=ANN, photo=picture(), caption="x" * 1024)
    refused = await client.refused("sendPhoto", chat_id=ANN, photo=picture(), caption="x" * 1025)
    assert refused == "400 Bad Request: message caption is too long"


@pytest.mark.parametrize(
    ("button", "refusal"),
    [
        ({"text": "x"}, "text buttons are unallowed"),
        ({"text": "x", "callback_data": "d", "url": "http://a.b"}, "text buttons are unallowed"),
        ({"text": "x", "callback_data": "ж" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": " ", "callback_data": "d"}, "BUTTON_TEXT_INVALID"),
        ({"text": "x", "callback_data": "d", "style": "pink"}, "invalid button style"),
        ({"text": "x", "copy_text": {"text": "y" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "url": "javascript:alert(1)"}, "is invalid: Wrong HTTP URL"),
        ({"text": "x", "callback_data": "d", "color": "red"}, "unknown field color"),
    ],
)
async def test_a_faulty_button_is_refused(
    client: Client, button: dict[str, Any], refusal: str
) -> None:
    markup = {"inline_keyboard": [[button]]}
    assert refusal in await client.refused(
        "sendMessage", chat_id=ANN, text="x", reply_markup=markup
    )


@pytest.mark.parametrize(
    ("photo", "refusal"),
    [
        (b"", "file must be non-empty"),
        (b"not a picture", "IMAGE_PROCESS_FAILED"),
        (picture()[:-30], "IMAGE_PROCESS_FAILED"),
        (picture(kind="WEBP"), "IMAGE_PROCESS_FAILED"),
        (picture(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        (picture(210, 10), "PHOTO_INVALID_DIMENSIONS"),
        (b"\xff" * (10 * 1024 * 1024 + 1), "is too big for a photo"),
    ],
    ids=["empty", "no picture", "truncated", "webp", "large", "long", "heavy"],
)
async def test_a_faulty_photo_is_refused(client: Client, photo: bytes, refusal: str) -> None:
    assert refusal in await client.refused("sendPhoto", chat_id=ANN, photo=photo)


async def test_a_reply_to_what_is_gone_is_sent_when_allowed(
    client: Client, playground: Playground
) -> None:
    reply = {"message_id": 99, "allow_sending_without_reply": True}
    sent = await client.ok("sendMessage", chat_id=ANN, text="x", reply_parameters=reply)
    assert "reply_to_message" not in sent
    assert playground.messages(ANN)[-1].reply_to_message_id is None


async def test_edits(client: Client, playground: Playground) -> None:
    sent = await client.ok("sendMessage", chat_id=ANN, text="queued", reply_markup=CANCEL)
    which = {"chat_id": ANN, "message_id": sent["message_id"]}
    same = await client.refused("editMessageText", **which, text="queued", reply_markup=CANCEL)
    assert same.startswith("400 Bad Request: message is not modified")
    edited = await client.ok("editMessageText", **which, text="queued")
    assert "reply_markup" not in edited, "an edit that names no keyboard drops it"
    assert "no caption" in await client.refused("editMessageCaption", **which, caption="c")
    media = '{"type":"photo","media":"attach://f","caption":"<b>done</b>","parse_mode":"HTML"}'
    shown = await client.ok("editMessageMedia", **which, media=media, f=picture())
    assert shown["caption"] == "done" and shown["photo"][-1]["width"] == 64
    assert "no text" in await client.refused("editMessageText", **which, text="t")
    message = playground.messages(ANN)[-1]
    assert message.text is None and message.edits == 2 and message.photo is not None
    assert (message.photo.width, message.photo.media_type) == (64, "image/jpeg")


async def test_edits_of_what_is_not_there_or_not_the_bots(client: Client) -> None:
    gone = await client.refused("editMessageText", chat_id=ANN, message_id=99, text="t")
    assert gone == "400 Bad Request: message to edit not found"
    anns = await client.refused("editMessageText", chat_id=ANN, message_id=1, text="t")
    assert anns == "400 Bad Request: message can't be edited"


async def test_deletion(client: Client, playground: Playground, clock: HandClock) -> None:
    sent = await client.ok("sendMessage", chat_id=ANN, text="x")
    which = {"chat_id": ANN, "message_id": sent["message_id"]}
    assert await client.ok("deleteMessage", **which) is True
    assert "message to delete not found" in await client.refused("deleteMessage", **which)
    clock.turn(49 * 3600)
    assert "for everyone" in await client.refused("deleteMessage", chat_id=ANN, message_id=1)
    assert [message.message_id for message in playground.messages(ANN)] == [1]


async def test_in_groups_only_an_admin_bot_deletes_what_others_wrote(
    client: Client, playground: Playground
) -> None:
    await playground.add_bot(GROUP, by=ANN)
    written = await playground.send(BORIS, GROUP, "hello")
    which = {"chat_id": GROUP, "message_id": written.message_id}
    assert "message can't be deleted" in await client.refused("deleteMessage", **which)
    await playground.add_bot(GROUP, by=ANN, status="administrator")
    assert await client.ok("deleteMessage", **which) is True


async def test_a_query_is_answered_once_and_in_time(
    client: Client, playground: Playground, clock: HandClock
) -> None:
    sent = await client.ok("sendMessage", chat_id=ANN, text="x", reply_markup=CANCEL)
    for late in (0, 16):
        await playground.press(ANN, ANN, sent["message_id"], "Cancel", wait=0)
        query = (await client.ok("getUpdates"))[-1]["callback_query"]
        assert query["data"] == "c:1"
        clock.turn(late)
        answered = await client("answerCallbackQuery", callback_query_id=query["id"], text="ok")
        assert answered["ok"] is (late == 0)
        again = await client.refused("answerCallbackQuery", callback_query_id=query["id"])
        assert again.startswith("400 Bad Request: query is too old")


async def test_albums(client: Client, playground: Playground) -> None:
    one = '{"type":"photo","media":"attach://a"}'
    assert "2 to 10 items" in await client.refused(
        "sendMediaGroup", chat_id=ANN, media=f"[{one}]", a=picture()
    )
    both = f'[{one},{{"type":"photo","media":"attach://b","caption":"second"}}]'
    sent = await client.ok("sendMediaGroup", chat_id=ANN, media=both, a=picture(), b=picture(8, 8))
    assert len({each["media_group_id"] for each in sent}) == 1
    assert [message.caption for message in playground.messages(ANN)[-2:]] == [None, "second"]


async def test_a_photo_is_sent_again_by_the_id_of_any_of_its_sizes(client: Client) -> None:
    sent = await client.ok("sendPhoto", chat_id=ANN, photo=picture(640, 480))
    for size in sent["photo"]:
        again = await client.ok("sendPhoto", chat_id=ANN, photo=size["file_id"])
        assert again["photo"] == sent["photo"]
    assert "wrong remote file" in await client.refused("sendPhoto", chat_id=ANN, photo="nonsense")


async def test_topics_of_a_forum(client: Client, playground: Playground) -> None:
    forum = -100777
    playground.add_group(forum, "Forum", {ANN: "creator"}, is_forum=True)
    await playground.add_bot(forum, by=ANN)
    thread = await playground.add_topic(forum, "Foxes", by=ANN)
    await playground.send(ANN, forum, "/imagine a fox", thread_id=thread)
    update = (await client.ok("getUpdates"))[-1]["message"]
    assert update["message_thread_id"] == thread and update["is_topic_message"]
    assert "forum_topic_created" in update["reply_to_message"]
    await client.ok("sendMessage", chat_id=forum, message_thread_id=thread, text="x")
    assert playground.messages(forum)[-1].thread_id == thread
    general = await client.refused("sendMessage", chat_id=forum, message_thread_id=1, text="x")
    assert general == "400 Bad Request: message thread not found"


async def test_the_thread_of_a_reply_outside_forums_is_no_topic(
    client: Client, playground: Playground
) -> None:
    await playground.add_bot(GROUP, by=ANN)
    first = await playground.send(BORIS, GROUP, "/imagine a fox")
    await playground.send(CHEN, GROUP, "/imagine more", reply_to=first.message_id)
    update = (await client.ok("getUpdates"))[-1]["message"]
    assert update["message_thread_id"] == first.message_id
    assert "is_topic_message" not in update
    assert "thread not found" in await client.refused(
        "sendMessage", chat_id=GROUP, message_thread_id=first.message_id, text="x"
    )


async def test_reactions_commands_and_actions(client: Client, playground: Playground) -> None:
    assert len(REACTIONS) == 73
    which = {"chat_id": ANN, "message_id": 1}
    await client.ok("setMessageReaction", **which, reaction=[{"type": "emoji", "emoji": "👀"}])
    assert playground.messages(ANN)[0].reaction == "👀"
    tick = [{"type": "emoji", "emoji": "✅"}]
    assert "REACTION_INVALID" in await client.refused("setMessageReaction", **which, reaction=tick)
    known = [{"command": "imagine", "description": "Draw"}]
    await client.ok("setMyCommands", commands=known)
    assert await client.ok("getMyCommands") == known
    assert await client.ok("getMyCommands", language_code="ru") == []
    bad = [{"command": "Imagine", "description": "Draw"}]
    assert "BOT_COMMAND_INVALID" in await client.refused("setMyCommands", commands=bad)
    assert "wrong parameter action" in await client.refused(
        "sendChatAction", chat_id=ANN, action="draw"
    )


async def test_chats_and_members(client: Client, playground: Playground) -> None:
    await playground.add_bot(GROUP, by=ANN)
    assert (await client.ok("getChat", chat_id=GROUP))["title"] == "Picture club"
    boris = await client.ok("getChatMember", chat_id=GROUP, user_id=BORIS)
    assert boris["status"] == "member"
    admins = await client.ok("getChatAdministrators", chat_id=GROUP)
    assert [admin["user"]["id"] for admin in admins] == [ANN]
    assert await client.ok("getChatMemberCount", chat_id=GROUP) == 4
    assert (await client.ok("getMe"))["can_read_all_group_messages"] is False


async def test_shut_out(client: Client, playground: Playground) -> None:
    await playground.block(ANN)
    blocked = await client.refused("sendMessage", chat_id=ANN, text="x")
    assert blocked == "403 Forbidden: bot was blocked by the user"
    await playground.send(ANN, ANN, "/start")
    await client.ok("sendMessage", chat_id=ANN, text="x")
    await playground.add_bot(GROUP, by=ANN)
    await playground.kick(GROUP)
    kicked = await client.refused("sendMessage", chat_id=GROUP, text="x")
    assert kicked == "403 Forbidden: bot was kicked from the supergroup chat"
    statuses = [
        update["my_chat_member"]["new_chat_member"]["status"]
        for update in await client.ok("getUpdates")
        if "my_chat_member" in update
    ]
    assert statuses == ["kicked", "member", "member", "kicked"]


async def test_strangers_at_the_door(client: Client, playground: Playground) -> None:
    assert await client.refused("sendTelepathy") == "404 Not Found"
    client.root = f"{playground.api_url}/bot1:wrong"
    assert await client.refused("getMe") == "401 Unauthorized"


async def test_a_file_sent_again_keeps_its_kind(client: Client) -> None:
    """https://core.telegram.org/bots/api#sending-files: by file_id the type can't be changed."""
    sent = await client.ok("sendPhoto", chat_id=ANN, photo=picture())
    photo = sent["photo"][-1]["file_id"]
    refusal = await client.refused("sendDocument", chat_id=ANN, document=photo)
    assert refusal == "400 Bad Request: can't use file of type Photo as Document"
    sent = await client.ok("sendDocument", chat_id=ANN, document=picture())
    refusal = await client.refused("sendPhoto", chat_id=ANN, photo=sent["document"]["file_id"])
    assert refusal == "400 Bad Request: can't use file of type Document as Photo"
