"""Looks whether a folder of ours can still be written, and tells the owners before and when it can't.

What fails meanwhile waits or fails in words (docs/reliability.md); here is only who can mend it.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import structlog

from bot.texts import storage as texts_storage
from providers.clock import Clock

EVERY = 30.0  # seconds
LITTLE = 200_000_000  # bytes

log = structlog.get_logger(__name__)

Tell = Callable[[Callable[[], str]], None]


class DiskWatch:
    """setting: what names the folder. little: bytes left that are told of; with twice as many a
    disk is well again.
    """

    def __init__(
        self,
        folder: Path,
        tell_owners: Tell,
        clock: Clock,
        *,
        setting: str = "DATA_DIR",
        little: int = LITTLE,
    ) -> None:
        self._folder = folder
        self._tell_owners = tell_owners
        self._clock = clock
        self._setting = setting
        self._little = little
        self._told: str | None = None  # what was told last, while it lasts

    async def run(self) -> None:
        """For good; to be canceled at any time."""
        while True:
            await self.look()
            await self._clock.sleep(EVERY)

    async def look(self) -> None:
        try:
            free = await asyncio.to_thread(_try_to_write, self._folder)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            log.error("disk can't be written", setting=self._setting, reason=reason)  # noqa: TRY400 - it says all
            self._tell_once("unwritable", lambda: texts_storage.unwritable(self._setting, reason))
            return
        if free < self._little:
            log.warning("disk nearly full", setting=self._setting, free=free)
            self._tell_once("little", lambda: texts_storage.nearly_full(self._setting, free))
        elif self._told == "unwritable" or free >= 2 * self._little:
            self._told = None

    def _tell_once(self, what: str, words: Callable[[], str]) -> None:
        if self._told != what:
            self._told = what
            self._tell_owners(words)


def _try_to_write(folder: Path) -> int:
    """Bytes left. Raises OSError."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(4096))
        file.flush()
        os.fsync(file.fileno())
    return shutil.disk_usage(folder).free
