"""The one module that speaks HTTP through httpx; adapters see `providers.wire` alone.

Imported only by adapters, so that a bot with local pictures alone doesn't pay for httpx.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urljoin

import httpx

from providers.clock import Clock
from providers.retries import RetryTransport
from providers.urls import DownloadPolicy, same_host
from providers.wire import (
    Answer,
    AnswerLost,
    AnswerTooLarge,
    ConnectFailed,
    OutOfTime,
    Request,
    UnsafeUrl,
)

# At INFO httpx logs every whole address, and a picture's address opens for whoever has it.
logging.getLogger("httpx").setLevel(logging.WARNING)

TIMEOUT = httpx.Timeout(connect=5.0, read=30.0, write=30.0, pool=10.0)
PATIENT = httpx.Timeout(connect=5.0, read=None, write=30.0, pool=10.0)
LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5.0)
PICTURE_CAP = 32_000_000
"""Bytes of one downloaded picture."""

MAX_REDIRECTS = 3


class HttpClient:
    """One connection pool for every adapter. `send` retries, as far as that can do no harm.

    The adapters share it and end together, so the first `aclose` closes it and the others
    do nothing.
    """

    def __init__(self, clock: Clock, *, jitter: Callable[[], float] = random.random) -> None:
        self._pool = httpx.AsyncClient(
            timeout=TIMEOUT,
            limits=LIMITS,
            # Pictures don't compress, JSON here is small, and nothing can unpack into a bomb.
            headers={"User-Agent": "imagine-bot", "Accept-Encoding": "identity"},
        )
        self._transport = RetryTransport(_HttpxTransport(self._pool, clock), clock, jitter)

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
            method="GET", url=url, headers=headers, deadline=deadline, max_bytes=max_bytes
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


def _redirect(answer: Answer, url: str) -> str | None:
    if not httpx.codes.is_redirect(answer.status) or "location" not in answer.headers:
        return None
    target = urljoin(url, answer.headers["location"])
    if not same_host(target, url):
        raise UnsafeUrl("a redirect to another host")
    return target


@dataclass(slots=True)
class _Sent:
    """Whether any byte of the request may have left."""

    yes: bool = False

    async def trace(self, event: str, _info: Mapping[str, object]) -> None:
        if event.endswith("send_request_headers.started"):
            self.yes = True


class _HttpxTransport:
    """Sends a request once, and says of every failure on which side of the sending it fell."""

    def __init__(self, pool: httpx.AsyncClient, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def send(self, request: Request) -> Answer:
        remaining = request.deadline - self._clock.monotonic()
        if remaining <= 0:
            raise OutOfTime("the deadline had passed")
        sent = _Sent()
        try:
            # httpx's own timeouts start anew with every byte; this one bounds slow drips.
            async with asyncio.timeout(remaining):
                return await self._exchange(request, sent)
        except TimeoutError as error:
            if sent.yes and not request.idempotent:
                raise AnswerLost("no answer before the deadline") from error
            raise OutOfTime("no answer before the deadline") from error
        except httpx.HTTPError as error:
            kind = AnswerLost if sent.yes else ConnectFailed
            raise kind(type(error).__name__) from _printable(error)
        except httpx.InvalidURL as error:
            raise UnsafeUrl("not an address") from error

    async def _exchange(self, request: Request, sent: _Sent) -> Answer:
        async with self._pool.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body,
            follow_redirects=False,
            timeout=PATIENT if request.patient else TIMEOUT,
            extensions={"trace": sent.trace},
        ) as response:
            body = await _read_capped(response, request.max_bytes)
            return Answer(response.status_code, dict(response.headers), body)


async def _read_capped(response: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise AnswerTooLarge(f"more than {max_bytes} bytes")
    return bytes(body)


def _printable(error: httpx.HTTPError) -> httpx.HTTPError | None:
    """The error as a cause for tracebacks, without the kind that quotes a header's value."""
    return None if isinstance(error, httpx.LocalProtocolError) else error
