"""What the fake services have in common: a loopback server that records, and fails by script."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.faults import Fault

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """One request as the service saw it; header names as sent, compared without case."""

    route: str
    method: str
    path: str
    headers: Any
    json: Any = None


class FakeService:
    """An async context manager; `base_url` is there once it is entered.

    requests: everything seen, in order. fault(): what the next calls of a route meet.
    """

    root = ""

    def __init__(self, port: int = 0) -> None:
        self.requests: list[Seen] = []
        self.port = port
        self.released = asyncio.Event()  # for faults that hang; set when the service ends
        self._arrived = asyncio.Condition()
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._runner: web.AppRunner | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return self.origin + self.root

    def fault(self, route: str, fault: Fault, *, times: int = 1) -> None:
        self._faults[route].extend([fault] * times)

    def count(self, route: str) -> int:
        return sum(seen.route == route for seen in self.requests)

    def seen(self, route: str) -> list[Seen]:
        return [seen for seen in self.requests if seen.route == route]

    async def until(self, route: str, count: int = 1) -> None:
        """Wait until so many calls of the route have arrived."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: self.count(route) >= count)

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    def handle(self, route: str, handler: Handler) -> Handler:
        """Record the call, then let the next fault, or else the handler, answer it."""

        async def handled(request: web.Request) -> web.StreamResponse:
            body = await request.json() if request.content_type == "application/json" else None
            self.requests.append(
                Seen(route, request.method, request.path_qs, request.headers, body)
            )
            async with self._arrived:
                self._arrived.notify_all()
            if faults := self._faults[route]:
                return await faults.popleft()(request, lambda: handler(request))
            return await handler(request)

        return handled

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.released.set()
        assert self._runner is not None
        await self._runner.cleanup()
