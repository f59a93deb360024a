"""One working process per SQLite file, by a kernel lock that dies with the process."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from storage.errors import DatabaseInUse


class FileLock:
    """Held from construction to close(). The lock file stays: removing it would let two
    processes lock two files of the same name.

    Raises DatabaseInUse where another process, or another FileLock, holds it.
    """

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".lock")
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise DatabaseInUse(str(database)) from None

    def close(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> "FileLock":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
