"""Answers a service gives only once: asked for by one caller at a time, and kept."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar
from weakref import WeakValueDictionary

from providers.calls import to_its_end
from providers.recent import Recent

KEPT = 16
"""Last answers kept; each has a picture of a megabyte or so."""

GRACE = 3.0
"""Seconds a question in hand has left when nobody waits for its answer any more."""


class MayBeLast(Protocol):
    @property
    def ended(self) -> bool:
        """Whether the service has forgotten all about it with this answer."""
        ...


Answer = TypeVar("Answer", bound=MayBeLast)


class OneShot(Generic[Answer]):
    """Asks, and never loses an answer that was the last.

    Two who follow the same submission ask in turn. A caller that is cancelled while the answer
    is on its way leaves only after it is in, so that the next one finds it here.
    """

    def __init__(self, fetch: Callable[[str, float], Awaitable[Answer]]) -> None:
        """fetch: from an id and a deadline to the answer."""
        self._fetch = fetch
        self._last: Recent[Answer] = Recent(KEPT)
        # A lock is there as long as somebody holds it or waits for it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, remote_id: str, deadline: float) -> Answer:
        """What `fetch` gives or raises; a last answer from before without asking."""
        lock = self._locks.setdefault(remote_id, asyncio.Lock())
        async with lock:
            if (kept := self._last.get(remote_id)) is not None:
                return kept
            return await to_its_end(self._ask(remote_id, deadline), grace=GRACE)

    def has_ended(self, remote_id: str) -> bool:
        return self._last.get(remote_id) is not None

    async def _ask(self, remote_id: str, deadline: float) -> Answer:
        answer = await self._fetch(remote_id, deadline)
        if answer.ended:
            self._last.put(remote_id, answer)
        return answer
