"""Pictures from people and from the bot, as Telegram keeps them and gives them out again."""

import io
from typing import Any

import pytest
from PIL import Image

from bot.playground import ANN, BORIS, GROUP, NotPossible, Playground
from bot.playground.errors import ApiError
from bot.playground.methods_chat import MAX_DOWNLOAD
from tests.fakes.bot_api_schema import BotApiSchema
from tests.playground.conftest import Client, picture

TEAL = (0, 128, 128)


async def news(client: Client, schema: BotApiSchema) -> list[dict[str, Any]]:
    """The messages in the bot's mailbox, each as the schema wants it."""
    updates = await client.ok("getUpdates")
    for update in updates:
        schema.check(update, "Update", "update")
    return [update["message"] for update in updates if "message" in update]


def opened(content: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(content))
    found.load()
    return found


async def test_a_picture_from_a_person_is_a_photo_with_its_caption(
    client: Client, playground: Playground, schema: BotApiSchema
) -> None:
    (sent,) = await playground.send_photo(ANN, ANN, [picture(640, 480)], "/imagine a fox")
    (message,) = await news(client, schema)
    assert message["caption"] == "/imagine a fox" == sent.caption
    assert message["caption_entities"] == [{"type": "bot_command", "offset": 0, "length": 8}]
    assert "text" not in message and "media_group_id" not in message
    for size in message["photo"]:
        shown = opened(await client.fetch(size["file_id"]))
        assert (shown.format, shown.size) == ("JPEG", (size["width"], size["height"]))


@pytest.mark.parametrize(
    ("sides", "kept"),
    [
        ((64, 48), [(64, 48)]),
        ((480, 640), [(68, 90), (240, 320), (480, 640)]),
        ((800, 800), [(90, 90), (320, 320), (800, 800)]),
        ((2560, 1280), [(90, 45), (320, 160), (800, 400), (1280, 640)]),
    ],
)
@pytest.mark.parametrize("sender", ["person", "bot"])
async def test_a_photo_has_telegrams_sizes_and_none_larger(
    client: Client, playground: Playground, sender: str, sides: Any, kept: list[tuple[int, int]]
) -> None:
    await playground.send_photo(ANN, ANN, [picture(*sides)])
    if sender == "bot":
        await client.ok("sendPhoto", chat_id=ANN, photo=picture(*sides))
    photo = playground.messages(ANN)[-1].photo
    assert photo
    assert [(each.width, each.height) for each in (*photo.smaller, photo)] == kept


async def test_a_photo_is_upright_and_on_white(playground: Playground) -> None:
    lying = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn by 90 degrees to see it upright
    Image.new("RGB", (60, 40), TEAL).save(lying, "JPEG", exif=exif)
    clear = io.BytesIO()
    Image.new("RGBA", (60, 40), (0, 0, 0, 0)).save(clear, "WEBP")
    upright, white = await playground.send_photo(ANN, ANN, [lying.getvalue(), clear.getvalue()])
    assert upright.photo and white.photo
    assert (upright.photo.width, upright.photo.height) == (40, 60)
    assert opened(white.photo.content).getpixel((30, 20)) == (255, 255, 255)


async def test_a_file_is_kept_byte_for_byte(
    client: Client, playground: Playground, schema: BotApiSchema
) -> None:
    await playground.send_photo(ANN, ANN, [picture(640, 480)], "as it is", as_file=True)
    (message,) = await news(client, schema)
    assert "photo" not in message and message["caption"] == "as it is"
    document = message["document"]
    assert (document["file_name"], document["mime_type"]) == ("picture.png", "image/png")
    assert await client.fetch(document["file_id"]) == picture(640, 480)
    assert document["thumbnail"]["width"] == 320
    assert opened(await client.fetch(document["thumbnail"]["file_id"])).size == (320, 240)


@pytest.mark.parametrize("content", [b"no picture", picture(2100, 10)], ids=["text", "long"])
async def test_a_file_that_can_be_no_photo_is_kept_all_the_same(
    client: Client, playground: Playground, content: bytes
) -> None:
    await playground.send(ANN, ANN, "/start")
    sent = await client.ok("sendDocument", chat_id=ANN, document=content)
    assert "thumbnail" not in sent["document"]
    assert await client.fetch(sent["document"]["file_id"]) == content


async def test_several_pictures_are_an_album(
    client: Client, playground: Playground, schema: BotApiSchema
) -> None:
    sent = await playground.send_photo(ANN, ANN, [picture(), picture(8, 8)], "/imagine both")
    messages = await news(client, schema)
    assert [each["message_id"] for each in messages] == [each.message_id for each in sent]
    assert len({each["media_group_id"] for each in messages}) == 1
    assert [each.get("caption") for each in messages] == ["/imagine both", None]
    assert [each["photo"][-1]["width"] for each in messages] == [64, 8]


async def test_two_albums_are_two(playground: Playground) -> None:
    for _ in range(2):
        await playground.send_photo(ANN, ANN, [picture(), picture()])
    assert len({each.media_group_id for each in playground.messages(ANN)}) == 2


async def test_a_reply_brings_the_picture_it_answers(
    client: Client, playground: Playground, schema: BotApiSchema
) -> None:
    (first,) = await playground.send_photo(ANN, ANN, [picture(640, 480)])
    drawn = await client.ok("sendPhoto", chat_id=ANN, photo=picture(320, 200))
    await playground.send(ANN, ANN, "/imagine more", reply_to=first.message_id)
    await playground.send_photo(ANN, ANN, [picture()], "--mask", reply_to=drawn["message_id"])
    _, words, mask = await news(client, schema)
    assert words["reply_to_message"]["photo"][-1]["width"] == 640
    assert mask["reply_to_message"]["photo"] == drawn["photo"]
    assert opened(await client.fetch(drawn["photo"][-1]["file_id"])).size == (320, 200)


async def test_in_groups_the_bot_sees_the_pictures_addressed_to_it(
    client: Client, playground: Playground, schema: BotApiSchema
) -> None:
    await playground.add_bot(GROUP, by=ANN)
    await playground.send_photo(BORIS, GROUP, [picture()], "look at this")
    await playground.send_photo(BORIS, GROUP, [picture(), picture()], "/imagine both")
    drawn = await client.ok("sendPhoto", chat_id=GROUP, photo=picture())
    await playground.send_photo(BORIS, GROUP, [picture()], reply_to=drawn["message_id"])
    assert [each.get("caption") for each in await news(client, schema)] == ["/imagine both", None]
    await playground.add_bot(GROUP, by=ANN, status="administrator")
    await playground.send_photo(BORIS, GROUP, [picture(), picture()], "look at these")
    assert len(await news(client, schema)) == 4


async def test_a_large_file_is_not_given_out(client: Client, playground: Playground) -> None:
    large = b"\x00" * (MAX_DOWNLOAD + 1)
    for content in (large[:-1], large):
        await playground.send_photo(ANN, ANN, [content], as_file=True, names=["large.bin"])
    fits, too_big = [update["message"]["document"] for update in await client.ok("getUpdates")]
    assert len(await client.fetch(fits["file_id"])) == MAX_DOWNLOAD
    refused = await client.refused("getFile", file_id=too_big["file_id"])
    assert refused == "400 Bad Request: file is too big"
    assert await client.refused("getFile", file_id="x") == "400 Bad Request: invalid file_id"


async def test_what_an_app_would_not_send(playground: Playground) -> None:
    with pytest.raises(ApiError, match="IMAGE_PROCESS_FAILED"):
        await playground.send_photo(ANN, ANN, [picture(), b"not a picture"])
    for pictures, caption, more in (
        ([], "", {}),
        ([picture()] * 11, "", {}),
        ([picture()], "x" * 1025, {}),
        ([picture()], "", {"reply_to": 99}),
    ):
        with pytest.raises(NotPossible):
            await playground.send_photo(ANN, ANN, pictures, caption, **more)
    assert playground.messages(ANN) == []


async def test_a_message_turns_from_text_to_photo_to_photo(
    client: Client, playground: Playground
) -> None:
    await playground.send(ANN, ANN, "/imagine a fox")
    sent = await client.ok("sendMessage", chat_id=ANN, text="queued")
    which = {"chat_id": ANN, "message_id": sent["message_id"]}
    media = '{"type":"photo","media":"attach://f","caption":"step %d"}'
    previews = [
        await client.ok("editMessageMedia", **which, media=media % step, f=picture())
        for step in (1, 2)
    ]
    assert [each["caption"] for each in previews] == ["step 1", "step 2"]
    ids = [each["photo"][-1]["file_unique_id"] for each in previews]
    assert ids[0] != ids[1]
    await client.ok("editMessageCaption", **which, caption="done")
    same = await client.refused("editMessageCaption", **which, caption="done")
    assert same.startswith("400 Bad Request: message is not modified")
    text = await client.refused("editMessageText", **which, text="done")
    assert text == "400 Bad Request: there is no text in the message to edit"
    message = playground.messages(ANN)[-1]
    assert (message.text, message.caption, message.edits) == (None, "done", 3)


async def test_one_of_an_album_stays_of_its_kind(client: Client, playground: Playground) -> None:
    await playground.send(ANN, ANN, "/start")
    both = '[{"type":"photo","media":"attach://a"},{"type":"photo","media":"attach://b"}]'
    sent = await client.ok("sendMediaGroup", chat_id=ANN, media=both, a=picture(), b=picture())
    which = {"chat_id": ANN, "message_id": sent[0]["message_id"]}
    for kind in ("photo", "document"):
        media = f'{{"type":"{kind}","media":"attach://f"}}'
        edited = await client("editMessageMedia", **which, media=media, f=picture())
        assert edited["ok"] is (kind == "photo")
