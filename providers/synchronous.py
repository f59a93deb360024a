"""What adapters of synchronous services share: the answer to their POST carries the pictures.

So there is nothing to follow, to stop or to find again: a submission whose ticket was read back
from storage, without its result, is lost. What went wrong there is raised by `submit`.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from providers.clock import Clock
from providers.errors import DeadlineExceeded, NotAccepted, ResultLost
from providers.translation import following
from providers.types import GenerationResult, Ticket
from providers.wire import Answer

LARGE_JSON = 500_000
"""Bytes from which an answer is decoded off the event loop."""

PICTURES_CAP = 64_000_000
"""Bytes of an answer that holds pictures: four large PNGs in base64, and some more."""


def finished_ticket(result: GenerationResult) -> Ticket:
    """A receipt of our own: the service gives no id, as nothing can be asked about it later."""
    return Ticket(uuid4().hex, result)


def result_of(ticket: Ticket, provider: str, *, clock: Clock, deadline: float) -> GenerationResult:
    """What `wait` gives. Raises ResultLost, DeadlineExceeded."""
    if ticket.result is not None:
        return ticket.result
    if clock.monotonic() >= deadline:
        raise DeadlineExceeded(provider)
    raise ResultLost(provider, "its pictures were in an answer that is gone")


async def json_of(answer: Answer) -> object:
    """The decoded body. Raises UnreadableJson."""
    if len(answer.body) < LARGE_JSON:
        return answer.json()
    return await asyncio.to_thread(answer.json)


@contextmanager
def receiving(provider: str) -> Iterator[None]:
    """Around what is done with the pictures of an answered POST, which is paid for by now.

    Whatever goes wrong here, it must not read as "nothing was accepted".
    """
    try:
        with following(provider):
            yield
    except NotAccepted as error:
        raise ResultLost(provider, f"made, but not to be had: {error.detail}") from error
