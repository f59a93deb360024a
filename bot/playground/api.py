"""The Bot API's front door: token, method, parameters, faults, the answer, and a record of it all."""

import asyncio

from aiohttp import web

from bot.playground import (
    methods_callback,
    methods_chat,
    methods_edit,
    methods_inline,
    methods_send,
    methods_settings,
    methods_updates,
    params,
)
from bot.playground.checks import no_strangers
from bot.playground.errors import ApiError
from bot.playground.faults import Fault, Kind, When
from bot.playground.flood import FloodControl
from bot.playground.params import Request
from bot.playground.records import Call, Json
from bot.playground.registry import METHODS, Entry
from bot.playground.state import World

FAMILIES = (
    methods_callback,
    methods_chat,
    methods_edit,
    methods_inline,
    methods_send,
    methods_settings,
    methods_updates,
)  # imported for what they register
BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
NOT_FOUND = ApiError(404, "Not Found")
UNAUTHORIZED = ApiError(401, "Unauthorized")


class BotApi:
    """Answers `/bot<token>/<method>` and `/file/bot<token>/<path>` for one token."""

    def __init__(self, world: World, token: str, flood: FloodControl | None) -> None:
        self._world = world
        self._token = token
        self._flood = flood

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/bot{token}/{method}", self.call),
            web.post("/bot{token}/{method}", self.call),
            web.get("/file/bot{token}/{path:.+}", self.download),
        ]

    async def call(self, request: web.Request) -> web.StreamResponse:
        try:
            entry = self._entry(request)
            asked = await params.read(request)
        except ApiError as error:
            return _answer(error.body())
        call = self._recorded(entry, asked)
        fault = self._world.faults.take(entry.name, asked.get("chat_id"))
        if fault and fault.when is not When.AFTER:
            await self._wait(fault)
        if fault and fault.when is When.INSTEAD:
            return self._failed(fault, call, request)
        answer = await self._run(entry, asked)
        if fault and fault.when is When.AFTER:
            await self._wait(fault)
            if fault.kind is Kind.RESET:
                return self._failed(fault, call, request)
        call.answer = answer
        self._world.changes.wake()
        return _answer(answer)

    async def download(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self._token:
            return _answer(UNAUTHORIZED.body())
        wanted = request.match_info["path"]
        stored = next((each for each in self._world.files.values() if each.path == wanted), None)
        if stored is None:
            return _answer(NOT_FOUND.body())
        return web.Response(body=stored.content, content_type="application/octet-stream")

    def _entry(self, request: web.Request) -> Entry:
        if request.match_info["token"] != self._token:
            raise UNAUTHORIZED
        entry = METHODS.get(request.match_info["method"].lower())
        if entry is None:
            raise NOT_FOUND
        return entry

    def _recorded(self, entry: Entry, asked: Request) -> Call:
        sizes = {name: len(upload.content) for name, upload in asked.uploads.items()}
        call = Call(entry.name, dict(asked.params), sizes, self._world.clock.now())
        self._world.record(call)
        return call

    async def _run(self, entry: Entry, asked: Request) -> Json:
        try:
            parts = {name for name in asked.uploads if name in ("photo", "document")}
            no_strangers({*asked.params, *parts}, entry.takes, entry.name)
            if self._flood:
                self._flood.check(entry.name, self._world.chats.get(asked.get("chat_id", 0)))
            return {"ok": True, "result": await entry.run(self._world, asked)}
        except ApiError as error:
            return error.body()

    def _failed(self, fault: Fault, call: Call, request: web.Request) -> web.StreamResponse:
        if fault.error:
            call.answer = fault.error.body()
            return _answer(call.answer)
        if fault.kind is Kind.RESET and request.transport:
            request.transport.abort()
        return web.Response(status=502, text=BAD_GATEWAY, content_type="text/html")

    async def _wait(self, fault: Fault) -> None:
        if fault.kind is Kind.HANG:
            await self._world.closing.wait()
        elif fault.until:
            await fault.until.wait()
        elif fault.seconds:
            await asyncio.sleep(fault.seconds)


def _answer(body: Json) -> web.StreamResponse:
    return web.json_response(body, status=body.get("error_code", 200))
