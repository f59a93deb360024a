"""Reading files as Telegram serves them: in pieces, bounded, again where that may help, without secrets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web
from structlog.testing import capture_logs

from bot.telegram.files import MAX_BYTES, TRIES, TelegramFile, TelegramFiles
from bot.telegram.session import session_to
from bot.usecases.errors import PictureRefused, PictureTrouble
from tests.fakes.clock import FakeClock

TOKEN = "123456:" + "A" * 35
CONTENT = bytes(range(256)) * 1024

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Answers getFile, and the file itself as `answers` say, the last of them for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.found: dict[str, object] = {"ok": True, "result": {"file_path": "photos/file_1.jpg"}}
        self.asked = 0
        self.url = ""

    async def get_file(self, request: web.Request) -> web.StreamResponse:
        if self.found["ok"]:
            self.found["result"] |= {"file_id": "x", "file_unique_id": "y"}  # type: ignore[operator] - a dict
        return web.json_response(self.found, status=int(self.found.get("error_code", 200)))  # type: ignore[call-overload] - an int

    async def file(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


def status(code: int) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, text="words nobody should see")

    return answer


async def whole(_request: web.Request) -> web.StreamResponse:
    return web.Response(body=CONTENT)


async def cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(len(CONTENT))})
    await response.prepare(request)
    await response.write(CONTENT[:1000])
    assert request.transport is not None
    request.transport.abort()
    return response


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(MAX_BYTES // 2**20 + 8):
        await response.write(bytes(2**20))
    return response


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.add_routes(
        [
            web.post("/bot{token}/getFile", server.get_file),
            web.get("/file/bot{token}/{path:.+}", server.file),
        ]
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
async def files(server: Server) -> AsyncIterator[TelegramFiles]:
    session = session_to(TelegramAPIServer.from_base(server.url))
    yield TelegramFiles(Bot(TOKEN, session=session), FakeClock(auto=True))
    await session.close()


@pytest.mark.parametrize(
    "answers", [[whole], [cut_off, whole], [status(502), status(429), whole], [cut_off, cut_off, whole]]
)  # fmt: skip
async def test_a_file_is_read_whole(
    server: Server, files: TelegramFiles, answers: list[Answer]
) -> None:
    server.answers = list(answers)
    assert await TelegramFile(files, "x", len(CONTENT)).read() == CONTENT
    assert server.asked == len(answers)


@pytest.mark.parametrize(
    ("answer", "trouble", "times"),
    [
        (status(404), PictureTrouble.GONE, 1),
        (status(503), PictureTrouble.UNREACHABLE, TRIES),
        (cut_off, PictureTrouble.UNREACHABLE, TRIES),
        (endless, PictureTrouble.TOO_LARGE, 1),
    ],
)
async def test_what_can_not_be_read_says_why(
    server: Server, files: TelegramFiles, answer: Answer, trouble: PictureTrouble, times: int
) -> None:
    server.answers = [answer]
    with capture_logs() as logs, pytest.raises(PictureRefused) as caught:
        await files.read("x")
    assert caught.value.trouble is trouble and server.asked == times
    assert TOKEN not in repr(logs) and TOKEN not in repr(caught.value.__cause__)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    ("code", "words", "trouble"),
    [
        (400, "Bad Request: file is too big", PictureTrouble.TOO_LARGE),
        (400, "Bad Request: invalid file_id", PictureTrouble.GONE),
        (400, "Bad Request: wrong file_id or the file is temporarily unavailable", PictureTrouble.UNREACHABLE),
        (500, "Internal Server Error", PictureTrouble.UNREACHABLE),
    ],
)  # fmt: skip
async def test_what_telegram_refuses_to_find_says_why(
    server: Server, files: TelegramFiles, code: int, words: str, trouble: PictureTrouble
) -> None:
    server.found = {"ok": False, "error_code": code, "description": words}
    with pytest.raises(PictureRefused) as caught:
        await files.read("x")
    assert caught.value.trouble is trouble and server.asked == 0


async def test_a_long_flood_wait_is_not_waited_for(server: Server, files: TelegramFiles) -> None:
    server.found = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests",
        "parameters": {"retry_after": 300},
    }
    with pytest.raises(PictureRefused) as caught:
        await files.read("x")
    assert caught.value.trouble is PictureTrouble.UNREACHABLE
    assert not files._clock.slept  # type: ignore[attr-defined] - the fake's


async def test_a_file_said_to_be_too_large_is_not_even_asked_for(files: TelegramFiles) -> None:
    with pytest.raises(PictureRefused) as caught:
        await TelegramFile(files, "x", MAX_BYTES + 1).read()
    assert caught.value.trouble is PictureTrouble.TOO_LARGE


async def test_a_local_server_names_a_path_on_this_machine(tmp_path: Path, server: Server) -> None:
    stored = tmp_path / "file_1.jpg"
    await asyncio.to_thread(stored.write_bytes, CONTENT)
    server.found = {"ok": True, "result": {"file_path": str(stored)}}
    api = TelegramAPIServer.from_base(server.url, is_local=True)
    session = session_to(api)
    files = TelegramFiles(Bot(TOKEN, session=session), FakeClock(auto=True))
    assert await files.read("x") == CONTENT and server.asked == 0
    await asyncio.to_thread(stored.unlink)
    with pytest.raises(PictureRefused) as caught:
        await files.read("x")
    assert caught.value.trouble is PictureTrouble.GONE
    await session.close()
