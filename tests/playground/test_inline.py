"""Inline and guest mode as Telegram has them: queries, results, and messages known by an id alone."""

import asyncio
from typing import Any

import pytest

from bot.playground import ANN, BORIS, GROUP, NotPossible, Playground
from bot.playground.records import InlineQuery
from tests.fakes.bot_api_schema import BotApiSchema
from tests.playground.conftest import Client, HandClock, picture

KEYS = {"inline_keyboard": [[{"text": "Cancel", "callback_data": "c:1"}]]}
ARTICLE = {
    "type": "article",
    "id": "draw",
    "title": "Draw: a fox",
    "input_message_content": {"message_text": "<b>a fox</b>", "parse_mode": "HTML"},
    "reply_markup": KEYS,
}


async def last_update(client: Client) -> dict[str, Any]:
    updates = await client.ok("getUpdates")
    BotApiSchema().check(updates[-1], "Update", "update")
    return dict(updates[-1])


async def asked(
    playground: Playground, client: Client, results: list[Any], **more: Any
) -> InlineQuery:
    """Ann types in the group, where the bot isn't, and these results come."""
    async with asyncio.TaskGroup() as group:
        typing = group.create_task(playground.ask_inline(ANN, GROUP, "a fox"))
        await playground.wait_until(lambda: playground.world.inline_queries)
        update = await last_update(client)
        query = update["inline_query"]
        assert (query["query"], query["chat_type"]) == ("a fox", "supergroup")
        await client.ok("answerInlineQuery", inline_query_id=query["id"], results=results, **more)
    return typing.result()


async def a_photo(client: Client, playground: Playground) -> str:
    await playground.start_bot(ANN)
    sent = await client.ok("sendPhoto", chat_id=ANN, photo=picture())
    return str(sent["photo"][-1]["file_id"])


async def drawn_inline(client: Client, playground: Playground) -> dict[str, Any]:
    """What the bot is told of a chosen article."""
    query = await asked(playground, client, [ARTICLE])
    await playground.choose(query.id, "draw")
    return dict((await last_update(client))["chosen_inline_result"])


async def test_a_result_is_chosen_where_the_bot_is_not(
    client: Client, playground: Playground
) -> None:
    chosen = await drawn_inline(client, playground)
    assert (chosen["result_id"], chosen["query"]) == ("draw", "a fox")
    (said,) = playground.messages(GROUP)
    assert said.via_bot and said.sender.id == ANN and said.text == "a fox"
    assert said.inline_message_id == chosen["inline_message_id"]


async def test_an_inline_message_is_edited_by_its_id(
    client: Client, playground: Playground
) -> None:
    file_id = await a_photo(client, playground)
    which = {"inline_message_id": (await drawn_inline(client, playground))["inline_message_id"]}
    assert await client.ok("editMessageText", **which, text="half", reply_markup=KEYS) is True
    same = await client.refused("editMessageText", **which, text="half", reply_markup=KEYS)
    assert "message is not modified" in same
    upload = '{"type": "photo", "media": "attach://f"}'
    refused = await client.refused("editMessageMedia", **which, media=upload, f=picture())
    assert "invalid message content" in refused, "a new file can't be uploaded there"
    media = {"type": "photo", "media": file_id, "caption": "a fox"}
    assert await client.ok("editMessageMedia", **which, media=media) is True
    (said,) = playground.messages(GROUP)
    assert said.photo is not None and said.caption == "a fox" and said.via_bot
    await playground.delete_message(GROUP, said.message_id)
    gone = await client.refused("editMessageCaption", **which, caption="x")
    assert gone == "400 Bad Request: MESSAGE_ID_INVALID"


async def test_a_press_under_an_inline_message_has_no_message(
    client: Client, playground: Playground
) -> None:
    chosen = await drawn_inline(client, playground)
    await playground.press(BORIS, GROUP, 1, "Cancel", wait=0)
    pressed = (await last_update(client))["callback_query"]
    assert pressed["inline_message_id"] == chosen["inline_message_id"]
    assert "message" not in pressed and pressed["from"]["id"] == BORIS


async def test_a_cached_photo_has_no_id_without_a_keyboard(
    client: Client, playground: Playground
) -> None:
    cached = {"type": "photo", "id": "p1", "photo_file_id": await a_photo(client, playground)}
    query = await asked(playground, client, [cached | {"caption": "a fox"}])
    said = await playground.choose(query.id, "p1")
    assert said.photo is not None and said.caption == "a fox"
    assert "inline_message_id" not in (await last_update(client))["chosen_inline_result"]


async def test_without_feedback_the_bot_is_not_told(client: Client, playground: Playground) -> None:
    playground.world.inline_feedback = False
    query = await asked(playground, client, [ARTICLE])
    await playground.choose(query.id, "draw")
    assert "inline_query" in await last_update(client)
    playground.world.supports_inline = False
    with pytest.raises(NotPossible):
        await playground.ask_inline(ANN, GROUP, "a fox")
    assert (await client.ok("getMe"))["supports_inline_queries"] is False


async def test_a_member_bot_sees_what_was_sent_by_it(
    client: Client, playground: Playground
) -> None:
    query = await asked(playground, client, [ARTICLE])
    await playground.add_bot(GROUP, by=ANN)
    playground.world.inline_feedback = False
    await playground.choose(query.id, "draw")
    said = (await last_update(client))["message"]
    assert said["via_bot"]["username"] == "imagine_bot" and said["from"]["id"] == ANN


@pytest.mark.parametrize(
    ("results", "more", "refusal"),
    [
        ([ARTICLE | {"id": f"{n}"} for n in range(51)], {}, "RESULTS_TOO_MUCH"),
        ([ARTICLE, ARTICLE], {}, "RESULT_ID_DUPLICATE"),
        ([ARTICLE | {"id": ""}], {}, "RESULT_ID_INVALID"),
        ([ARTICLE | {"id": "ж" * 33}], {}, "RESULT_ID_INVALID"),
        ([ARTICLE | {"title": ""}], {}, "title and content are needed"),
        ([ARTICLE | {"caption": "x"}], {}, 'unknown parameter "caption"'),
        ([ARTICLE | {"input_message_content": {"message_text": " "}}], {}, "MESSAGE_EMPTY"),
        ([{"type": "photo", "id": "p", "photo_file_id": "no"}], {}, "wrong file identifier"),
        ([{"type": "photo", "id": "p", "photo_url": "http://a.b"}], {}, "articles and photos"),
        ([], {"button": {"text": "Start", "start_parameter": "a b"}}, "START_PARAM_INVALID"),
        ([], {"next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
    ],
)
async def test_faulty_results_are_refused(
    client: Client, playground: Playground, results: list[Any], more: Any, refusal: str
) -> None:
    await playground.ask_inline(ANN, GROUP, "a fox", wait=0)
    query = (await last_update(client))["inline_query"]["id"]
    params = {"inline_query_id": query, "results": results, **more}
    assert refusal in await client.refused("answerInlineQuery", **params)


async def test_an_inline_query_is_answered_once_and_in_time(
    client: Client, playground: Playground, clock: HandClock
) -> None:
    for late in (0, 11):
        await playground.ask_inline(ANN, ANN, "a fox", wait=0)
        query = (await last_update(client))["inline_query"]
        assert query["chat_type"] == "sender"
        clock.turn(late)
        params = {"inline_query_id": query["id"], "results": []}
        assert (await client("answerInlineQuery", **params))["ok"] is (late == 0)
        assert "query is too old" in await client.refused("answerInlineQuery", **params)


async def test_a_guest_answers_where_it_is_named(client: Client, playground: Playground) -> None:
    await playground.send(BORIS, GROUP, "hello, all")
    asked_for = await playground.send(BORIS, GROUP, "@imagine_bot a fox")
    guest = (await last_update(client))["guest_message"]
    assert guest["text"] == "@imagine_bot a fox" and guest["chat"]["id"] == GROUP
    params = {"guest_query_id": guest["guest_query_id"], "result": ARTICLE}
    sent = await client.ok("answerGuestQuery", **params)
    said = playground.messages(GROUP)[-1]
    assert said.sender is playground.world.bot and said.reply_to_message_id == asked_for.message_id
    assert said.guest_of is not None and said.guest_of.id == BORIS
    assert "query is too old" in await client.refused("answerGuestQuery", **params)
    await client.ok("editMessageText", **sent, text="ready")
    assert playground.messages(GROUP)[-1].text == "ready"


async def test_guests_come_only_where_they_are_no_members(
    client: Client, playground: Playground
) -> None:
    await playground.add_bot(GROUP, by=ANN)
    await playground.send(BORIS, GROUP, "@imagine_bot a fox")
    assert "message" in await last_update(client)
    await playground.kick(GROUP)
    playground.world.supports_guests = False
    await playground.send(BORIS, GROUP, "@imagine_bot a wolf")
    assert "my_chat_member" in await last_update(client)
