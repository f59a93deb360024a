"""What storage refuses, as types that carry data.

StorageError
├── QuotaExceeded     the user has fewer units left than asked for
├── Throttled         too many requests this minute
├── QueueFull         the user has as many jobs waiting as allowed
├── CannotOpen        the database can't be worked with
│   ├── DatabaseUnusable    no such place, no rights, or no database of ours
│   ├── DatabaseTooNew      the file was written by a newer version of this code
│   └── DatabaseInUse       another process works on this SQLite file
└── PictureMissing    the blob store has no picture of this key
"""

from datetime import datetime


class StorageError(Exception):
    pass


class QuotaExceeded(StorageError):
    """`left` units remain, `needed` were asked for; the daily ones come back at `resets_at`."""

    def __init__(self, left: int, needed: int, resets_at: datetime) -> None:
        super().__init__(f"{needed} units needed, {left} left")
        self.left = left
        self.needed = needed
        self.resets_at = resets_at


class Throttled(StorageError):
    """`retry_after`: whole seconds until the next request is taken."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"throttled for {retry_after} s")
        self.retry_after = retry_after


class QueueFull(StorageError):
    """`limit` jobs of the user wait already."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} jobs queued already")
        self.limit = limit


class CannotOpen(StorageError):
    """The message is one line for the owner, without the URL's password."""


class DatabaseUnusable(CannotOpen):
    pass


class DatabaseTooNew(CannotOpen):
    def __init__(self, found: str) -> None:
        super().__init__(f"database revision {found} is newer than this version of the bot")
        self.found = found


class DatabaseInUse(CannotOpen):
    def __init__(self, path: str) -> None:
        super().__init__(f"another process uses {path}")
        self.path = path


class PictureMissing(StorageError):
    def __init__(self, key: str) -> None:
        super().__init__(f"no picture {key}")
        self.key = key
