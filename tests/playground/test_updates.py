"""Updates arrive once confirmed, again until then, by polling and by webhook."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from bot.playground import ANN, BORIS, GROUP, NotPossible, Playground
from tests.fakes.bot_api_schema import BotApiSchema
from tests.playground.conftest import Client


async def test_an_update_is_kept_until_a_later_offset_confirms_it(
    client: Client, playground: Playground
) -> None:
    for text in ("one", "two", "three"):
        await playground.send(ANN, ANN, text)
    first = await client.ok("getUpdates", limit=2)
    assert [each["message"]["text"] for each in first] == ["one", "two"]
    assert await client.ok("getUpdates", limit=2) == first
    rest = await client.ok("getUpdates", offset=first[-1]["update_id"] + 1)
    assert [each["message"]["text"] for each in rest] == ["three"]
    assert await client.ok("getUpdates", offset=rest[-1]["update_id"] + 1) == []


async def test_a_negative_offset_forgets_all_but_the_last(
    client: Client, playground: Playground
) -> None:
    for text in ("one", "two", "three"):
        await playground.send(ANN, ANN, text)
    assert [each["message"]["text"] for each in await client.ok("getUpdates", offset=-1)] == [
        "three"
    ]
    assert len(await client.ok("getUpdates")) == 1


async def test_a_long_poll_ends_with_the_first_update(
    client: Client, playground: Playground
) -> None:
    async with asyncio.timeout(40), asyncio.TaskGroup() as group:
        poll = group.create_task(client.ok("getUpdates", timeout=50))
        await playground.wait_until(lambda: playground.calls)
        await playground.send(ANN, ANN, "hello")
    assert [each["message"]["text"] for each in poll.result()] == ["hello"]


async def test_a_second_poller_ends_the_first(client: Client, playground: Playground) -> None:
    async with asyncio.timeout(40), asyncio.TaskGroup() as group:
        first = group.create_task(client.refused("getUpdates", timeout=50))
        await playground.wait_until(lambda: playground.calls)
        assert await client.ok("getUpdates") == []
    assert first.result().startswith("409 Conflict: terminated by other getUpdates request")


async def test_only_the_kinds_asked_for_arrive(client: Client, playground: Playground) -> None:
    await client.ok("getUpdates", allowed_updates=["message"])
    await playground.add_bot(GROUP, by=ANN)
    await playground.send(ANN, ANN, "hello")
    assert [list(each) for each in await client.ok("getUpdates")] == [["update_id", "message"]]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("hello", False),
        ("/imagine a fox", True),
        ("/imagine@imagine_bot a fox", True),
        ("/imagine@other_bot a fox", False),
        ("look, @imagine_bot", True),
    ],
)
async def test_privacy_mode(
    client: Client, playground: Playground, text: str, *, seen: bool
) -> None:
    await playground.add_bot(GROUP, by=ANN)
    await client.ok("getUpdates", offset=-1)
    await playground.send(BORIS, GROUP, text)
    texts = [each["message"]["text"] for each in await client.ok("getUpdates") if "message" in each]
    assert texts == ([text] if seen else [])


async def test_a_reply_to_the_bot_is_seen_in_groups(client: Client, playground: Playground) -> None:
    await playground.add_bot(GROUP, by=ANN)
    sent = await client.ok("sendMessage", chat_id=GROUP, text="picture")
    await playground.send(BORIS, GROUP, "more rain", reply_to=sent["message_id"])
    update = (await client.ok("getUpdates"))[-1]["message"]
    assert update["text"] == "more rain" and update["reply_to_message"]["text"] == "picture"


async def test_what_people_can_not_do(playground: Playground) -> None:
    for deed in (
        playground.send(ANN, BORIS, "hello"),
        playground.send(ANN, ANN, " "),
        playground.send(ANN, ANN, "x", reply_to=9),
        playground.send(ANN, ANN, "x", thread_id=9),
        playground.press(ANN, ANN, 9, "Cancel"),
        playground.delete_message(ANN, 9),
    ):
        with pytest.raises(NotPossible):
            await deed


async def test_an_edit_arrives_as_such(client: Client, playground: Playground) -> None:
    sent = await playground.send(ANN, ANN, "/imagine a fix")
    await playground.edit(ANN, ANN, sent.message_id, "/imagine a fox")
    update = (await client.ok("getUpdates"))[-1]
    assert update["edited_message"]["text"] == "/imagine a fox"
    assert update["edited_message"]["edit_date"]


SECRET = "any-word"  # noqa: S105 - a made-up one


class Hook:
    """A bot's webhook that fails as often as it is told to."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.seen: list[tuple[str | None, dict[str, Any]]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.seen.append((secret, await request.json()))
        self.failures -= 1
        return web.Response(status=500 if self.failures >= 0 else 200)


@asynccontextmanager
async def hooked(failures: int = 0) -> AsyncIterator[Hook]:
    hook = Hook(failures)
    app = web.Application()
    app.add_routes([web.post("/hook", hook.handle)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield hook
    finally:
        await runner.cleanup()


async def test_a_webhook_gets_each_update_until_it_answers_200(
    client: Client, playground: Playground, schema: BotApiSchema
) -> None:
    async with hooked(failures=2) as hook:
        await client.ok("setWebhook", url=hook.url, secret_token=SECRET, max_connections=1)
        await playground.send(ANN, ANN, "one")
        await playground.send(ANN, ANN, "two")
        await playground.wait_until(
            lambda: playground.webhook and playground.webhook.delivered == 2
        )
    assert {secret for secret, _ in hook.seen} == {SECRET}
    assert [update["message"]["text"] for _, update in hook.seen] == ["one", "one", "one", "two"]
    assert len({update["update_id"] for _, update in hook.seen}) == 2
    for _, update in hook.seen:
        schema.check(update, "Update", "webhook")
    info = await client.ok("getWebhookInfo")
    assert info["pending_update_count"] == 0
    assert info["last_error_message"].startswith("Wrong response from the webhook: 500")


async def test_a_webhook_out_of_reach_gets_its_updates_later(
    client: Client, playground: Playground
) -> None:
    await client.ok("setWebhook", url="http://127.0.0.1:9/hook")
    await playground.send(ANN, ANN, "one")
    await playground.wait_until(lambda: playground.webhook and playground.webhook.last_error)
    async with hooked() as hook:
        await client.ok("setWebhook", url=hook.url)
        await playground.wait_until(lambda: playground.webhook and playground.webhook.delivered)
    assert [update["message"]["text"] for _, update in hook.seen] == ["one"]


async def test_polling_and_webhook_exclude_each_other(
    client: Client, playground: Playground
) -> None:
    async with hooked() as hook:
        await client.ok("setWebhook", url=hook.url)
        assert (await client.refused("getUpdates")).startswith("409 Conflict: can't use getUpdates")
        await client.ok("deleteWebhook")
        await playground.send(ANN, ANN, "one")
        assert len(await client.ok("getUpdates")) == 1
    assert hook.seen == []


@pytest.mark.parametrize("url", ["http://example.org/", "https://127.0.0.1/", "http://10.0.0.1/"])
async def test_updates_leave_for_loopback_only(client: Client, url: str) -> None:
    assert "loopback only" in await client.refused("setWebhook", url=url)
