"""What storage refuses, as types that carry data.

StorageError
├── QuotaExceeded     the user has fewer units left than asked for
├── Throttled         too many requests this minute
├── QueueFull         the user has as many jobs waiting as allowed
├── InviteInvalid     no such invite, or it is used up, too old or revoked
├── CannotOpen        the database can't be worked with
│   ├── DatabaseUnusable    no such place, no rights, or no database of ours
│   ├── DatabaseTooNew      the file was written by a newer version of this code
│   ├── DatabaseInUse       another process works on this SQLite file
│   ├── TargetNotEmpty      data are moved into an empty database only
│   └── CountsDiffer        what was moved isn't what was there: nothing is kept of it
├── DatabaseAway      the server can't be reached (any more), the disk is full; it may pass
├── PicturesAway      the blob store can't be worked with now; it may come back
│   └── PicturesRefused     it says no: a wrong key, no right, no such bucket
└── PictureMissing    the blob store has no picture of this key
    └── PictureDamaged    what it has aren't the bytes that were put
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


class InviteInvalid(StorageError):
    pass


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


class TargetNotEmpty(CannotOpen):
    def __init__(self, table: str) -> None:
        super().__init__(
            f"has data already, in {table}: data are moved into an empty database only"
        )
        self.table = table


class CountsDiffer(CannotOpen):
    def __init__(self, table: str) -> None:
        super().__init__(f"{table} came out different; nothing was moved")
        self.table = table


class DatabaseAway(StorageError):
    """Nothing of the transaction has happened: it may simply be made again.

    at_once: the server said so, or nobody listens there; else nobody answered in time.
    """

    def __init__(self, reason: str, *, at_once: bool) -> None:
        super().__init__(f"the database is away: {reason}")
        self.at_once = at_once


class PicturesAway(StorageError):
    """`reason` is for the owner: what the system or the server said, without names and keys."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"pictures can't be stored or read: {reason}")
        self.reason = reason


class PicturesRefused(PicturesAway):
    pass


class PictureMissing(StorageError):
    def __init__(self, key: str) -> None:
        super().__init__(f"no picture {key}")
        self.key = key


class PictureDamaged(PictureMissing):
    pass
