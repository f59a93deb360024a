"""The bot's own web server on HTTP_HOST:HTTP_PORT, and the services that call it (`Listening`)."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from errno import EACCES, EADDRINUSE
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.settings import WrongSetting
from providers.base import Listening

MOST_BYTES = 500_000
"""Of one call's body: more than a prediction with a long log has, and decoded in a moment."""

READ_SECONDS = 10.0
STOP_SECONDS = 0.5
"""For the calls in hand at the stop: a service whose call isn't answered calls again."""

log = structlog.get_logger(__name__)


@asynccontextmanager
async def serving(
    routes: Iterable[web.RouteDef], *, host: str, port: int, patience: float = 60.0
) -> AsyncIterator[None]:
    """Listen inside the block; its end waits for the handlers in hand. Raises WrongSetting."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=patience)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        yield
    finally:
        await runner.cleanup()


def path_of(url: str) -> str:
    """What of a public address our own server sees; the rest is the proxy's before it."""
    return urlsplit(url).path or "/"


def listener_routes(listeners: Mapping[str, Listening]) -> list[web.RouteDef]:
    """Where the services that were told to call can do so."""
    return [
        web.post(path_of(listener.callback_url), _taking(name, listener))
        for name, listener in listeners.items()
        if listener.callback_url is not None
    ]


async def serve_for_ever(
    routes: Iterable[web.RouteDef], *, host: str, port: int, needed: bool
) -> None:
    """Beside long polling, which needs no web server of its own.

    Raises WrongSetting where it is needed; a bot that nobody can watch still works.
    """
    try:
        async with serving(routes, host=host, port=port, patience=STOP_SECONDS):
            await asyncio.Event().wait()
    except WrongSetting as error:
        if needed:
            raise
        log.warning("no pages to watch the bot by", problem=str(error))


def _taking(name: str, listener: Listening) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def take(request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await _read_capped(request)
        except TimeoutError:
            return web.Response(status=408)
        if body is None:
            return web.Response(status=413)
        heard = listener.hear({key.lower(): value for key, value in request.headers.items()}, body)
        log.info("a service called", provider=name, heard=heard)
        return web.Response(status=200 if heard else 401)

    return take


async def _read_capped(request: web.Request) -> bytes | None:
    """None: larger than any call is."""
    body = bytearray()
    async for chunk in request.content.iter_chunked(65536):
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        name = "HTTP_PORT" if error.errno in (EADDRINUSE, EACCES) else "HTTP_HOST"
        place = f"{host}:{port}"
        raise WrongSetting(name, f"can't listen on {place}: {_reason(error)}") from None


def _reason(error: OSError) -> str:
    """The system's own words; asyncio puts a sentence of its own around them."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else "no such host"
