"""From what a service calls its output (an address or a data: URI) to pictures we vouch for."""

import asyncio
import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from providers.clock import Clock
from providers.retries import read_again
from providers.sniffing import DamagedPicture, NotAPicture, read_image
from providers.tracing import span
from providers.types import GeneratedImage
from providers.urls import DownloadPolicy
from providers.wire import Answer

if TYPE_CHECKING:
    from providers.http import HttpClient

AT_ONCE = 4
"""Pictures of one submission fetched side by side."""

_DATA_URI = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_GONE = frozenset({403, 404, 410})
"""403 too: that is how file stores answer when a signed address has expired."""

Fetched = TypeVar("Fetched")


class PictureGone(Exception):
    """The service no longer has the file."""


class PictureUnavailable(Exception):
    """The service doesn't give the file now."""


def is_data_uri(output: str) -> bool:
    return output[:5].lower() == "data:"


def as_data_uri(encoded: str) -> str:
    """Bare base64 as an output like any other; a service may have put the prefix there itself."""
    return encoded if is_data_uri(encoded) else f"data:;base64,{encoded}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFetcher:
    """Fetches a service's pictures. `token_headers` go where the policy lets them, nowhere else."""

    http: "HttpClient"
    policy: DownloadPolicy
    token_headers: Mapping[str, str]
    clock: Clock

    async def fetch_all(
        self, outputs: Sequence[str], *, seed: int | None, deadline: float
    ) -> tuple[GeneratedImage, ...]:
        """Decoded pictures in the order of `outputs`.

        Raises NotAPicture, PictureGone, PictureUnavailable, TransferError; the first trouble
        ends them all.
        """
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(output: str) -> GeneratedImage:
            async with slots:
                return await self._fetch(output, seed, deadline)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(output)) for output in outputs]
        except ExceptionGroup as troubles:
            raise troubles.exceptions[0] from troubles
        return tuple(task.result() for task in tasks)

    async def _fetch(self, output: str, seed: int | None, deadline: float) -> GeneratedImage:
        if is_data_uri(output):
            return await asyncio.to_thread(lambda: decode(decode_data_uri(output), seed))

        async def download() -> GeneratedImage:
            with span("fetch"):
                return await self._download(output, seed, deadline)

        return await read_again(download, DamagedPicture, clock=self.clock, deadline=deadline)

    async def _download(self, output: str, seed: int | None, deadline: float) -> GeneratedImage:
        answer = await self.http.download(
            output, policy=self.policy, deadline=deadline, token_headers=self.token_headers
        )
        return await asyncio.to_thread(decode, _body(answer), seed)


def _body(answer: Answer) -> bytes:
    if answer.ok:
        return answer.body
    if answer.status in _GONE:
        raise PictureGone(f"HTTP {answer.status}")
    raise PictureUnavailable(f"HTTP {answer.status}")


def decode(data: bytes, seed: int | None) -> GeneratedImage:
    """Blocks. Raises NotAPicture."""
    info = read_image(data)
    return GeneratedImage(data, info.media_type, info.width, info.height, seed)


def decode_data_uri(uri: str) -> bytes:
    """The bytes of a base64 data: URI. Raises NotAPicture."""
    if (prefix := _DATA_URI.match(uri)) is None:
        raise NotAPicture("a data: URI without base64")
    try:
        return base64.b64decode(uri[prefix.end() :], validate=True)
    except ValueError as error:
        raise NotAPicture("damaged base64") from error
