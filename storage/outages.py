"""Telling a server that is away from one that refuses, and noticing it soon."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy import exc

from storage.errors import DatabaseAway

GONE = (
    OSError,  # TimeoutError among them
    exc.TimeoutError,  # no connection of the pool came free
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
CONNECTING: dict[str, Any] = {
    "timeout": 5.0,  # seconds for a new connection
    "command_timeout": 10.0,  # and for one statement: longer means that nobody is there
    "server_settings": {
        "application_name": "imagine-bot",
        # A host that vanished in the middle of a transaction must not keep its locks.
        "idle_in_transaction_session_timeout": "15s",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "3",
        "tcp_keepalives_count": "3",
    },
}
SILENCE = 10_000  # milliseconds until a line that nobody answers on is given up
"""TCP itself would wait for a quarter of an hour."""


@contextmanager
def noticing() -> Iterator[None]:
    """Around whatever talks to the server. Raises DatabaseAway in place of a lost connection."""
    try:
        yield
    except (*GONE, asyncpg.InterfaceError, exc.DBAPIError) as error:
        gone = next((each for each in _causes(error) if _is_gone(each)), None)
        if gone is None:
            raise
        raise DatabaseAway(
            type(gone).__name__, at_once=not isinstance(gone, TimeoutError)
        ) from error


def _is_gone(error: BaseException) -> bool:
    if isinstance(error, asyncpg.InterfaceError):  # a misused connection is one, too
        return "closed" in str(error)
    return isinstance(error, GONE)


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = getattr(found, "orig", None) or found.__cause__


def watch(driver: Any) -> None:
    """A line gone dead is noticed within `SILENCE`."""
    line = driver._transport.get_extra_info("socket")  # noqa: SLF001 - asyncpg shows it nowhere else
    if line is None or line.family == socket.AF_UNIX:
        return
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", 5),
        ("TCP_KEEPINTVL", 2),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", SILENCE),
    ):
        if hasattr(socket, option):  # Linux has all of them
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
