"""copyMessage: the same content, in the bot's name, with no link to the original."""

import pytest

from bot.playground import ANN, BORIS, Playground
from tests.playground.conftest import Client, picture

KEYBOARD = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


@pytest.fixture(autouse=True)
async def started(playground: Playground) -> None:
    for person in (ANN, BORIS):
        await playground.send(person, person, "/start")


async def test_words_are_copied_with_their_form(client: Client, playground: Playground) -> None:
    said = await client.ok(
        "sendMessage", chat_id=ANN, text="<b>News</b>", parse_mode="HTML", reply_markup=KEYBOARD
    )
    copy = await client.ok(
        "copyMessage", chat_id=BORIS, from_chat_id=ANN, message_id=said["message_id"]
    )
    assert list(copy) == ["message_id"]
    found = playground.messages(BORIS)[-1]
    assert (found.message_id, found.text) == (copy["message_id"], "News")
    assert [each["type"] for each in found.entities] == ["bold"]
    assert found.sender.is_bot and not found.buttons


async def test_a_persons_picture_is_copied_with_another_caption(
    client: Client, playground: Playground
) -> None:
    (photo,) = await playground.send_photo(ANN, ANN, [picture()], "mine")
    for caption in ({}, {"caption": "theirs"}):
        await client.ok(
            "copyMessage",
            chat_id=BORIS,
            from_chat_id=ANN,
            message_id=photo.message_id,
            reply_markup=KEYBOARD,
            **caption,
        )
    first, second = playground.messages(BORIS)[-2:]
    assert first.photo is second.photo is not None
    assert (first.caption, second.caption) == ("mine", "theirs")
    assert second.buttons


async def test_what_is_gone_or_not_to_be_reached_is_refused(
    client: Client, playground: Playground
) -> None:
    said = await playground.send(ANN, ANN, "News")
    what = {"from_chat_id": ANN, "message_id": said.message_id}
    await playground.block(BORIS)
    refused = await client.refused("copyMessage", chat_id=BORIS, **what)
    assert refused == "403 Forbidden: bot was blocked by the user"
    await playground.delete_message(ANN, said.message_id)
    refused = await client.refused("copyMessage", chat_id=ANN, **what)
    assert refused == "400 Bad Request: message to copy not found"
