"""What people's apps do beyond writing: answer when asked, change language, write in a chat's name."""

from datetime import timedelta

import pytest

from bot.playground import ANN, BORIS, GROUP, NotPossible, Playground
from tests.fakes.bot_api_schema import BotApiSchema
from tests.playground.conftest import Client, HandClock

CHANNEL = -1002000000077
KEYS = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}


async def newest(client: Client) -> dict[str, object]:
    update = (await client.ok("getUpdates"))[-1]
    BotApiSchema().check(update, "Update", "update")
    return dict(next(value for key, value in update.items() if key != "update_id"))


async def test_a_forced_reply_is_answered_as_one(client: Client, playground: Playground) -> None:
    await playground.add_bot(GROUP, by=ANN)
    markup = {"force_reply": True, "input_field_placeholder": "A fox", "selective": True}
    asked = await client.ok("sendMessage", chat_id=GROUP, text="What?", reply_markup=markup)
    assert "reply_markup" not in asked, "Telegram tells inline keyboards only"
    await playground.send(BORIS, GROUP, "a fox", reply_to=asked["message_id"])
    said = await newest(client)
    assert said["text"] == "a fox", "privacy mode lets replies to the bot through"
    assert "message can't be edited" in await client.refused(
        "editMessageText", chat_id=GROUP, message_id=asked["message_id"], text="x"
    )


@pytest.mark.parametrize(
    "markup",
    [
        {"force_reply": False},
        {"force_reply": True, "input_field_placeholder": "x" * 65},
        {"force_reply": True, "placeholder": "x"},
    ],
)
async def test_a_faulty_forced_reply_is_refused(
    client: Client, playground: Playground, markup: dict[str, object]
) -> None:
    await playground.start_bot(ANN)
    await client.refused("sendMessage", chat_id=ANN, text="x", reply_markup=markup)


async def test_a_press_of_an_old_message_brings_its_address_only(
    client: Client, playground: Playground, clock: HandClock
) -> None:
    await playground.start_bot(ANN)
    sent = await client.ok("sendMessage", chat_id=ANN, text="x", reply_markup=KEYS)
    clock.turn(timedelta(hours=49).total_seconds())
    await playground.press(ANN, ANN, sent["message_id"], "Again", wait=0)
    pressed = await newest(client)
    assert pressed["message"] == {
        "chat": {"id": ANN, "type": "private", "first_name": "Ann", "username": "ann"},
        "message_id": sent["message_id"],
        "date": 0,
    }


async def test_a_persons_language_is_told_with_what_they_say(
    client: Client, playground: Playground
) -> None:
    playground.set_language(ANN, "ru")
    await playground.send(ANN, ANN, "hello")
    assert (await newest(client))["from"]["language_code"] == "ru"  # type: ignore[index]


async def test_deep_links_start_the_bot(client: Client, playground: Playground) -> None:
    await playground.start_bot(ANN, "invite_1")
    assert (await newest(client))["text"] == "/start invite_1"
    for payload in ("x" * 65, "a b", "ж"):
        with pytest.raises(NotPossible):
            await playground.start_bot(ANN, payload)


async def test_an_anonymous_admin_writes_as_the_group(
    client: Client, playground: Playground
) -> None:
    await playground.add_bot(GROUP, by=ANN)
    await playground.send(ANN, GROUP, "/imagine a fox", as_chat=GROUP)
    said = await newest(client)
    assert said["from"]["username"] == "GroupAnonymousBot"  # type: ignore[index]
    assert said["sender_chat"]["id"] == GROUP  # type: ignore[index]
    with pytest.raises(NotPossible):
        await playground.send(BORIS, GROUP, "me too", as_chat=GROUP)


async def test_a_channels_owner_writes_as_the_channel(
    client: Client, playground: Playground
) -> None:
    playground.add_channel(CHANNEL, "News of foxes", BORIS)
    await playground.add_bot(GROUP, by=ANN)
    await playground.send(BORIS, GROUP, "/imagine a fox", as_chat=CHANNEL)
    said = await newest(client)
    assert said["from"]["username"] == "Channel_Bot"  # type: ignore[index]
    assert said["sender_chat"] == {"id": CHANNEL, "type": "channel", "title": "News of foxes"}
    with pytest.raises(NotPossible):
        await playground.send(ANN, GROUP, "me too", as_chat=CHANNEL)


async def test_in_a_channel_only_an_admin_bot_posts(client: Client, playground: Playground) -> None:
    playground.add_channel(CHANNEL, "Storage", ANN)
    await playground.add_bot(CHANNEL, by=ANN)
    refused = await client.refused("sendMessage", chat_id=CHANNEL, text="x")
    assert refused == "400 Bad Request: need administrator rights in the channel chat"
    await playground.add_bot(CHANNEL, by=ANN, status="administrator")
    sent = await client.ok("sendMessage", chat_id=CHANNEL, text="x")
    assert "from" not in sent and sent["sender_chat"]["id"] == CHANNEL
    await playground.send(ANN, CHANNEL, "from its owner")
    update = (await client.ok("getUpdates"))[-1]
    assert update["channel_post"]["text"] == "from its owner"
