"""Whether this process can do its work now, and what stands in its way."""

import asyncio

from bot.monitoring.calls import Calls
from bot.usecases.pauses import DRAIN
from storage.base import Storage
from storage.errors import DatabaseAway

PATIENCE = 3.0  # seconds for the database

OK = "ok"
STANDING_BY = "standing by"


class Readiness:
    """calls: those of a process that takes updates, None of one that doesn't. may_stand_by: another
    process may be the one that polls.
    """

    def __init__(self, storage: Storage, calls: Calls | None, *, may_stand_by: bool) -> None:
        self._storage = storage
        self._calls = calls
        self._may_stand_by = may_stand_by

    async def __call__(self) -> dict[str, str]:
        """By what was looked at; all is well where everything is `ok` or `standing by`."""
        found = {"database": OK, "intake": OK}
        try:
            async with asyncio.timeout(PATIENCE), self._storage.reading() as view:
                if await view.controls.get(DRAIN) is not None:
                    found["intake"] = "draining"
        except (DatabaseAway, TimeoutError):
            found["database"] = found["intake"] = "away"
        if self._calls is not None:
            found["updates"] = self._updates(self._calls)
        return found

    def _updates(self, calls: Calls) -> str:
        if calls.takes_updates:
            return OK
        if calls.asked_for_updates:
            return "failing"
        return STANDING_BY if self._may_stand_by else "starting"


def is_ready(found: dict[str, str]) -> bool:
    return all(each in {OK, STANDING_BY} for each in found.values())
