"""The one module that speaks HTTP through httpx; adapters see `providers.wire` alone.

Imported only by adapters, so that a bot with local pictures alone doesn't pay for httpx.
"""

import asyncio
import logging
import random
import socket
import ssl
import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from typing import Any
from urllib.parse import urljoin

import httpx

from providers.clock import Clock
from providers.retries import RetryTransport
from providers.urls import DownloadPolicy, is_public_address, same_host
from providers.wire import (
    USUAL_SILENCE,
    Answer,
    AnswerLost,
    AnswerTooLarge,
    ConnectFailed,
    HostNotFound,
    OutOfTime,
    Request,
    UnsafeUrl,
)

# At INFO httpx logs every whole address, and a picture's address opens for whoever has it.
logging.getLogger("httpx").setLevel(logging.WARNING)

if find_spec("sniffio") is None:
    # httpcore tries to import it several times a request, which searches every folder of modules.
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # Python's own mark for "not there"

TIMEOUT = httpx.Timeout(connect=5.0, read=USUAL_SILENCE, write=30.0, pool=10.0)
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5.0)
PICTURE_CAP = 32_000_000
"""Bytes of one downloaded picture."""

MAX_REDIRECTS = 3
_COMPRESSED = frozenset({"gzip", "x-gzip", "deflate"})
_ANY_HEADER = zlib.MAX_WBITS | 32  # gzip's or zlib's own
# EAI_NODATA, "the name has no address", isn't known on every system.
_NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})


class HttpClient:
    """Connections for every adapter. `send` retries, as far as that can do no harm.

    The adapters share it and end together, so the first `aclose` closes it and the others
    do nothing.
    """

    def __init__(self, clock: Clock, *, jitter: Callable[[], float] = random.random) -> None:
        self._pool = _new_pool()
        self._strangers = _new_pool()  # a connection to a private host is never lent to them
        transport = _HttpxTransport(self._pool, self._strangers, clock)
        self._transport = RetryTransport(transport, clock, jitter)

    async def send(self, request: Request) -> Answer:
        """Any whole answer, whatever its status. Raises TransferError."""
        return await self._transport.send(request)

    async def download(
        self,
        url: str,
        *,
        policy: DownloadPolicy,
        deadline: float,
        token_headers: Mapping[str, str] | None = None,
        max_bytes: int = PICTURE_CAP,
    ) -> Answer:
        """Fetch a file. Raises TransferError, of which UnsafeUrl where the policy forbids it.

        `token_headers` go only where the policy lets them. Redirects are followed on the same
        host alone, without them.
        """
        policy.check(url)
        headers = dict(token_headers or {}) if policy.takes_token(url) else {}
        request = Request(
            method="GET",
            url=url,
            headers=headers,
            deadline=deadline,
            max_bytes=max_bytes,
            public_only=not policy.is_home(url),
        )
        answer = await self.send(request)
        for _ in range(MAX_REDIRECTS):
            if (target := _redirect(answer, request.url)) is None:
                return answer
            policy.check(target)
            request = replace(request, url=target, headers={})
            answer = await self.send(request)
        return answer

    async def aclose(self) -> None:
        await self._pool.aclose()
        await self._strangers.aclose()


def _new_pool() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        timeout=TIMEOUT,
        limits=LIMITS,
        verify=_trusted(),
        # Pictures don't compress, and JSON here is small.
        headers={"User-Agent": "imagine-bot", "Accept-Encoding": "identity"},
    )


@cache
def _trusted() -> ssl.SSLContext:
    """Whom httpx trusts by itself; once, since reading the certificates takes some 30 ms a pool."""
    return httpx.create_ssl_context()


def _redirect(answer: Answer, url: str) -> str | None:
    if not httpx.codes.is_redirect(answer.status) or "location" not in answer.headers:
        return None
    target = urljoin(url, answer.headers["location"])
    if not same_host(target, url):
        raise UnsafeUrl("a redirect to another host")
    return target


@dataclass(slots=True)
class _Watch:
    """Over one exchange: whether any byte of it may have left, and that none goes astray."""

    request: Request
    sent: bool = False
    reaching: object = None

    async def trace(self, event: str, info: Mapping[str, object]) -> None:
        if event.endswith("send_request_headers.started"):
            self.sent = True
        elif event == "connection.connect_tcp.started":
            self.reaching = info["host"]
        elif event == "connection.connect_tcp.complete" and self.request.public_only:
            await self._check(info["return_value"])

    async def _check(self, stream: Any) -> None:
        """The address that is connected, not one looked up before or after: a name may change.

        A proxy of ours may be private; where the name leads is its to judge.
        """
        is_host = self.reaching == httpx.URL(self.request.url).host
        if is_host and not is_public_address(stream.get_extra_info("server_addr")[0]):
            await stream.aclose()
            raise UnsafeUrl("a name that leads to a private address")


class _HttpxTransport:
    """Sends a request once, and says of every failure on which side of the sending it fell."""

    def __init__(self, pool: httpx.AsyncClient, strangers: httpx.AsyncClient, clock: Clock) -> None:
        """strangers: for requests that are `public_only`."""
        self._pool = pool
        self._strangers = strangers
        self._clock = clock

    async def send(self, request: Request) -> Answer:
        remaining = request.deadline - self._clock.monotonic()
        if remaining <= 0:
            raise OutOfTime("the deadline had passed")
        watch = _Watch(request)
        try:
            # httpx's own timeouts start anew with every byte; this one bounds slow drips.
            async with asyncio.timeout(remaining):
                return await self._exchange(request, watch)
        except TimeoutError as error:
            if watch.sent and not request.idempotent:
                raise AnswerLost("no answer before the deadline") from error
            raise OutOfTime("no answer before the deadline") from error
        except httpx.HTTPError as error:
            kind = AnswerLost if watch.sent else connect_failure(error)
            raise kind(type(error).__name__) from _printable(error)
        except httpx.InvalidURL as error:
            raise UnsafeUrl("not an address") from error

    async def _exchange(self, request: Request, watch: _Watch) -> Answer:
        pool = self._strangers if request.public_only else self._pool
        async with pool.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body,
            follow_redirects=False,
            timeout=httpx.Timeout(**{**TIMEOUT.as_dict(), "read": request.silence}),
            extensions={"trace": watch.trace},
        ) as response:
            body = await _read_capped(response, request.max_bytes)
            return Answer(response.status_code, dict(response.headers), body)


async def _read_capped(response: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > max_bytes:
            raise AnswerTooLarge(f"more than {max_bytes} bytes")
    if response.headers.get("content-encoding", "").lower() in _COMPRESSED:
        return await asyncio.to_thread(_inflate, bytes(body), max_bytes)
    return bytes(body)


def _inflate(body: bytes, max_bytes: int) -> bytes:
    """For a service that compresses unasked: no byte more than the cap is unpacked."""
    try:
        plain = zlib.decompressobj(_ANY_HEADER).decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise AnswerLost("broken compression") from error
    if len(plain) > max_bytes:
        raise AnswerTooLarge(f"more than {max_bytes} bytes unpacked")
    return plain


def connect_failure(error: BaseException) -> type[ConnectFailed]:
    """A name that doesn't exist is told from a host that doesn't answer.

    A resolver that can't be asked says so (EAI_AGAIN), and is no such sign.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, socket.gaierror) and cause.errno in _NO_SUCH_NAME:
            return HostNotFound
        cause = cause.__cause__ or cause.__context__
    return ConnectFailed


def _printable(error: httpx.HTTPError) -> httpx.HTTPError | None:
    """The error as a cause for tracebacks, without the kind that quotes a header's value."""
    return None if isinstance(error, httpx.LocalProtocolError) else error
