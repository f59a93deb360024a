"""The folder in which the pipeline's process leaves finished pictures for the bot."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = "handover-"


class HandoverFolder:
    """Made in `parent`, held by a lock that dies with this process; what dead ones left is removed.

    Raises OSError.
    """

    def __init__(self, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        sweep(parent)
        # Locked before it gets the name by which others would find and remove it.
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
        self._lock = _locked(made)
        self.path = made.rename(parent / f"{PREFIX}{made.name.removeprefix('.new-')}")

    def take(self, name: str) -> bytes:
        """The file's bytes; the file is gone then. Raises OSError."""
        file = self.path / name
        data = file.read_bytes()
        file.unlink()
        return data

    def empty(self) -> None:
        """Remove what nobody will ask for: a process died over it."""
        for file in self.path.iterdir():
            file.unlink(missing_ok=True)

    def close(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep(parent: Path) -> None:
    """Remove the folders whose owner is dead."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # a living owner's, or somebody else sweeps too
            lock = _locked(folder)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _locked(folder: Path) -> int:
    """A descriptor that holds the folder's lock. Raises OSError where another has it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
