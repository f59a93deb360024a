"""A service's call, over HTTP through the bot's own server, turns a job into its picture."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.web import MOST_BYTES
from providers.clock import SystemClock
from providers.http import HttpClient
from providers.replicate import ReplicateProvider
from tests.bot.harness import Flow, flow
from tests.bot.ports import free_port
from tests.fakes.clock import FakeClock
from tests.fakes.replicate import FakeReplicate, Plan
from tests.fakes.replicate_calls import SECRET, signed_headers

OTHER_SECRET = "whsec_b3RoZXI="  # noqa: S105 - opens nothing


class StandingClock(FakeClock):
    """Nobody who sleeps wakes by it, so no question but the first is asked; `now` is the real one."""

    def now(self):
        return SystemClock().now()


class Scene:
    def __init__(self, chat: Flow, service: FakeReplicate, url: str, clock: FakeClock) -> None:
        self.chat = chat
        self.service = service
        self.url = url
        self.clock = clock

    async def ordered(self) -> str:
        """The id of a prediction the bot waits for."""
        await self.chat.say("/imagine a fox")
        await self.service.until("get")
        await self.clock.until_sleeping()
        (remote_id,) = self.service.predictions
        return remote_id

    async def post(self, body: bytes, headers: dict[str, str] | None = None) -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=body, headers=headers) as answer,
        ):
            return answer.status

    async def delivered(self) -> None:
        await self.chat.see_picture()
        job = await self.chat.delivered()
        assert job.state == "succeeded"


@asynccontextmanager
async def scene(data_dir: Path, *, webhook: bool) -> AsyncIterator[Scene]:
    """webhook: of Telegram, so that both are served by one server."""
    clock, port = StandingClock(), free_port()
    async with FakeReplicate(Plan(seconds=3600)) as service:
        provider = ReplicateProvider(
            service.token,
            base_url=service.base_url,
            callback_url=f"http://127.0.0.1:{port}/hooks/replicate",
            webhook_secret=SECRET,
            http=HttpClient(SystemClock()),
            clock=clock,
        )
        async with flow(data_dir, provider, webhook=webhook, http_port=port) as chat:
            assert provider.callback_url is not None
            await chat.say("/help")
            await chat.see_text("/imagine")  # so it listens by now
            yield Scene(chat, service, provider.callback_url, clock)


@pytest.fixture(params=[False, True], ids=["polling", "webhook"])
async def on(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path, webhook=request.param) as made:
        yield made


async def test_a_call_ends_the_job(on: Scene) -> None:
    remote_id = await on.ordered()
    on.service.end(remote_id)
    assert await on.service.call(remote_id) == 200
    await on.delivered()
    assert on.service.count("get") == 2


async def test_one_signed_wrongly_does_not(on: Scene) -> None:
    remote_id = await on.ordered()
    on.service.end(remote_id)
    assert await on.service.call(remote_id, secret=OTHER_SECRET) == 401
    assert await on.service.call(remote_id, age=600) == 401
    assert await on.post(on.service.body(remote_id)) == 401
    assert on.service.count("get") == 1
    assert await on.service.call(remote_id) == 200
    await on.delivered()


async def test_a_replayed_and_a_late_one_change_nothing(on: Scene) -> None:
    remote_id = await on.ordered()
    assert await on.service.call(remote_id, status="processing") == 200
    on.service.end(remote_id)
    for _ in range(3):
        assert await on.service.call(remote_id) == 200
    assert await on.service.call(remote_id, status="starting") == 200
    await on.delivered()
    assert await on.service.call(remote_id) == 200
    assert await on.service.call(remote_id, status="failed", error="NSFW") == 200
    assert [m.photo is not None for m in on.chat.bot_messages()] == [False, True]
    assert on.service.count("get") == 2
    assert on.service.count("create") == 1


async def test_a_call_about_nothing_known_is_answered(on: Scene) -> None:
    remote_id = await on.ordered()
    assert await on.service.call(remote_id, id="somebodyelses", status="succeeded") == 200
    body = b"{"
    headers = signed_headers(body, at=SystemClock().now().timestamp())
    assert await on.post(body, headers) == 200
    assert on.service.count("get") == 1
    on.service.end(remote_id)
    assert await on.service.call(remote_id) == 200
    await on.delivered()


async def test_a_body_larger_than_any_call_is_not_read(on: Scene) -> None:
    body = b"{" + b" " * MOST_BYTES
    headers = signed_headers(body, at=SystemClock().now().timestamp())
    assert await on.post(body, headers) == 413


async def test_other_addresses_and_methods_are_none_of_ours(on: Scene) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(on.url) as answer:
            assert answer.status == 405
        async with session.post(on.url + "/more") as answer:
            assert answer.status == 404


async def test_a_call_that_never_ends_holds_up_no_stop(tmp_path: Path) -> None:
    async with scene(tmp_path, webhook=False) as on:
        port = int(on.url.rpartition(":")[2].partition("/")[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /hooks/replicate HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        await writer.drain()
        before = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - before < 5
    assert await reader.read() == b""
    writer.close()


async def test_without_an_address_nothing_listens(tmp_path: Path) -> None:
    port = free_port()
    async with flow(tmp_path, http_port=port) as chat:
        await chat.say("/help")
        await chat.see_text("/imagine")
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
