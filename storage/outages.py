"""Telling a server that is away from one that refuses."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from storage.errors import DatabaseAway

GONE = (
    OSError,  # TimeoutError among them: also no connection of the pool came free
    asyncpg.InternalClientError,  # the server's farewell was in the line already
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, crashed, starting up; also a canceled statement
    asyncpg.TooManyConnectionsError,
    asyncpg.ReadOnlySQLTransactionError,  # a stand-in that isn't in charge yet
    asyncpg.IdleInTransactionSessionTimeoutError,
    # Nobody is away, but the same holds: nothing has happened, and a second try is all it takes.
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)


@contextmanager
def noticing() -> Iterator[None]:
    """Around whatever talks to the server. Raises DatabaseAway in place of a lost connection."""
    try:
        yield
    except (*GONE, asyncpg.InterfaceError) as error:
        if not _is_gone(error):
            raise
        raise DatabaseAway(
            type(error).__name__, at_once=not isinstance(error, TimeoutError)
        ) from error


def _is_gone(error: Exception) -> bool:
    if isinstance(error, asyncpg.InterfaceError):  # a misused connection is one, too
        return "closed" in str(error)
    return True
