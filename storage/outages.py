"""Telling a server that is away from one that refuses."""

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


class _Noticing:
    """Around whatever talks to the server. Raises DatabaseAway in place of a lost connection."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None and _is_gone(error):
            reason, at_once = type(error).__name__, not isinstance(error, TimeoutError)
            raise DatabaseAway(reason, at_once=at_once) from error


noticing = _Noticing()


def _is_gone(error: BaseException) -> bool:
    if isinstance(error, asyncpg.InterfaceError):  # a misused connection is one, too
        return "closed" in str(error)
    return isinstance(error, GONE)
