"""What can go wrong on a wire, for the fake services: a fault stands in front of a handler."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

Proceed = Callable[[], Awaitable[web.StreamResponse]]
Fault = Callable[[web.Request, Proceed], Awaitable[web.StreamResponse]]


def answer(
    status: int, body: object = b"", *, content_type: str | None = None, **headers: str
) -> Fault:
    """Answer this without doing anything; a body that isn't bytes is sent as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = content_type or ("application/json" if raw is not body else "text/html")

    async def fault(_request: web.Request, _proceed: Proceed) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=raw, content_type=kind, headers=named)

    return fault


def bad_gateway() -> Fault:
    return answer(502, b"<html><h1>502 Bad Gateway</h1></html>")


async def reset_before(request: web.Request, _proceed: Proceed) -> web.StreamResponse:
    """Drop the connection with nothing done."""
    return _drop(request)


async def reset_after(request: web.Request, proceed: Proceed) -> web.StreamResponse:
    """Do what was asked, then drop the connection in place of an answer."""
    await proceed()
    return _drop(request)


def hang(until: asyncio.Event) -> Fault:
    """Do what was asked, and answer only after the event."""

    async def fault(_request: web.Request, proceed: Proceed) -> web.StreamResponse:
        response = await proceed()
        await until.wait()
        return response

    return fault


def drip(pause: float = 0.02) -> Fault:
    """Send one byte every `pause` seconds, without an end."""

    async def fault(request: web.Request, _proceed: Proceed) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await response.write(b" ")
            await asyncio.sleep(pause)
        return response

    return fault


def flood(size: int) -> Fault:
    """Send so many bytes in place of the answer."""

    async def fault(request: web.Request, _proceed: Proceed) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        chunk = b" " * 65536
        for _ in range(0, size, len(chunk)):
            await response.write(chunk)
        return response

    return fault


async def cut_short(request: web.Request, proceed: Proceed) -> web.StreamResponse:
    """Promise the whole answer and drop the connection in the middle of it."""
    whole = await proceed()
    assert isinstance(whole, web.Response) and isinstance(whole.body, bytes)
    response = web.StreamResponse(status=whole.status, headers={"Content-Type": "text/plain"})
    response.content_length = len(whole.body)
    await response.prepare(request)
    await response.write(whole.body[: len(whole.body) // 2])
    return _drop(request, response)


def _drop(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return response or web.Response()
