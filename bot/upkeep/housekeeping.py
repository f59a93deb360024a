"""Once an hour: what is kept no longer goes."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from bot.texts import storage as texts_storage
from bot.usecases.retention import Retention, Swept
from providers.clock import Clock
from storage.base import BlobStore, Storage
from storage.errors import DatabaseAway, PicturesAway

START = 60.0  # seconds: a bot that starts has better to do
EVERY = 3600.0

log = structlog.get_logger(__name__)

Tell = Callable[[Callable[[], str]], None]


class Housekeeper:
    """place: the setting that says where pictures are."""

    def __init__(
        self, retention: Retention, tell_owners: Tell, clock: Clock, *, place: str = "DATA_DIR"
    ) -> None:
        self._retention = retention
        self._tell_owners = tell_owners
        self._clock = clock
        self._place = place
        self._told = False

    async def run(self) -> None:
        """For good; to be canceled at any time."""
        await self._clock.sleep(START)
        while True:
            try:
                self._report(await self._retention())
            except (DatabaseAway, PicturesAway) as error:
                log.warning("housekeeping put off", error=type(error).__name__)
            except Exception:
                log.exception("housekeeping failed")
            await self._clock.sleep(EVERY)

    def _report(self, swept: Swept) -> None:
        if swept.emptied or swept.deleted:
            log.info("old work cleared away", jobs=swept.emptied, pictures=swept.deleted)
        if swept.strangers:
            log.error("pictures that this database doesn't know", count=swept.strangers)
            if not self._told:
                self._tell_owners(lambda: texts_storage.strangers(swept.strangers, self._place))
        self._told = swept.strangers > 0


def build_housekeeper(
    storage: Storage, blobs: BlobStore, clock: Clock, *, days: int, tell_owners: Tell, place: str
) -> Housekeeper:
    """days: RETENTION_DAYS."""
    keep = timedelta(days=days) if days else None
    retention = Retention(storage, blobs, clock, keep=keep)
    return Housekeeper(retention, tell_owners, clock, place=place)
