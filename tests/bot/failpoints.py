"""A process that kills itself just before or just after a step of its work is on record.

A step is a store's method, on record once its transaction is committed, or the storing of a picture,
on record once its bytes are on disk. What the bot does at services and in chats lies between two
such steps, so these are all the boundaries there are. The bot's own code knows nothing of this: its
storage is wrapped where it is opened.
"""

import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, TypeVar

from bot import app, blobs
from storage.base import Storage, Stores
from storage.blobs import FileBlobs
from storage.engine import open_storage

T = TypeVar("T")

SEARCHES = frozenset({"claim", "claim_delivery", "claim_deletion", "take"})
"""Their None says that nothing was found, so nothing happened; elsewhere a False does."""


@dataclass(frozen=True)
class Failpoint:
    """step: `jobs.finish`, say, or `blobs.put`. skipped: how often it is passed unharmed before."""

    when: Literal["before", "after"]
    step: str
    skipped: int = 0

    def __str__(self) -> str:
        return f"{self.when} {self.step}"


class Fuse:
    def __init__(self, point: Failpoint) -> None:
        self._point = point
        self._left = point.skipped

    def before(self, step: str) -> None:
        if step == self._point.step and self._left <= 0 and self._point.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)

    def after(self, step: str) -> None:
        if step != self._point.step:
            return
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


class Noting:
    """One of a transaction's stores; what it did is put down in `done`."""

    def __init__(self, store: object, name: str, done: list[str]) -> None:
        self._store = store
        self._name = name
        self._done = done

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        async def noted(*args: Any, **values: Any) -> Any:
            result = await getattr(self._store, method)(*args, **values)
            if result is not False and not (result is None and method in SEARCHES):
                self._done.append(f"{self._name}.{method}")
            return result

        return noted


class NotingStores:
    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.done: list[str] = []

    def __getattr__(self, name: str) -> Noting:
        return Noting(getattr(self._stores, name), name, self.done)


class MortalStorage:
    def __init__(self, storage: Storage, fuse: Fuse) -> None:
        self._storage = storage
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[NotingStores]:
        async with self._storage.transaction() as tx:
            stores = NotingStores(tx)
            yield stores
            for step in stores.done:
                self._fuse.before(step)
        for step in stores.done:
            self._fuse.after(step)

    async def write(self, work: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
        done: list[str] = []

        async def noted(tx: Stores) -> T:
            stores = NotingStores(tx)
            result = await work(stores)
            for step in stores.done:
                self._fuse.before(step)
            done.extend(stores.done)
            return result

        result = await self._storage.write(noted)
        for step in done:
            self._fuse.after(step)
        return result


def arm(point: Failpoint) -> None:
    """For the process that calls it, and for good."""
    fuse = Fuse(point)

    async def open_mortal(url: str) -> Any:
        return MortalStorage(await open_storage(url), fuse)

    class MortalBlobs(FileBlobs):
        async def put(self, data: bytes) -> str:
            fuse.before("blobs.put")
            key = await super().put(data)
            fuse.after("blobs.put")
            return key

    _replace(app, "open_storage", open_mortal)
    _replace(blobs, "FileBlobs", MortalBlobs)


def _replace(module: ModuleType, name: str, mortal: object) -> None:
    """Raises AttributeError where the bot takes it from elsewhere by now."""
    getattr(module, name)
    setattr(module, name, mortal)
