"""Pictures in and out of their store with patience: what was fetched isn't lost to a passing fault."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.usecases.outage import Outage
from providers.clock import Clock
from providers.errors import ProviderError
from storage.base import BlobStore
from storage.errors import PicturesAway

T = TypeVar("T")


class NotKept(ProviderError):
    """It was made and fetched, and can't be stored here: told as a failure, and free."""


class Keeping:
    """deadline: on the clock's monotonic scale; until then a store that is away is tried again."""

    def __init__(self, blobs: BlobStore, clock: Clock) -> None:
        self._blobs = blobs
        self._clock = clock

    async def put(self, data: bytes, *, deadline: float, provider: str) -> str:
        """Raises NotKept; `provider` made the picture."""
        try:
            return await self.patiently(lambda blobs: blobs.put(data), deadline)
        except PicturesAway as error:
            raise NotKept(provider, error.reason) from error

    async def patiently(self, work: Callable[[BlobStore], Awaitable[T]], deadline: float) -> T:
        """Raises PicturesAway, and what `work` raises."""
        outage = Outage("pictures", self._clock, what="pictures")
        while True:
            try:
                result = await work(self._blobs)
            except PicturesAway:
                pause = outage.failed()
                if self._clock.monotonic() + pause >= deadline:
                    raise
                await self._clock.sleep(pause)
            else:
                outage.worked()
                return result
