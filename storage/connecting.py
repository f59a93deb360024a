"""Connections to the server, each of which notices soon that nobody is there any more."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import URL

from storage.outages import noticing

SILENCE = 10_000  # milliseconds until a line that nobody answers on is given up
"""TCP itself would wait for a quarter of an hour."""

_ALWAYS: dict[str, Any] = {
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


async def connect(url: URL) -> Any:
    connection = await asyncpg.connect(**_options(url))
    _watch(connection)
    return connection


@asynccontextmanager
async def own_connection(url: URL) -> AsyncIterator[tuple[Any, asyncio.Event]]:
    """Outside the pool, and an event that is set when it has ended. Raises DatabaseAway."""
    ended = asyncio.Event()
    with noticing:
        connection = await connect(url)
    connection.add_termination_listener(lambda _: ended.set())
    try:
        yield connection, ended
    finally:
        connection.terminate()


def _options(url: URL) -> dict[str, Any]:
    _, asked = url.get_dialect()().create_connect_args(url)
    for name in [name for name in asked if name.startswith("prepared_statement")]:
        del asked[name]  # SQLAlchemy's own
    return {**asked, **_ALWAYS}


def _watch(connection: Any) -> None:
    """A line gone dead is noticed within `SILENCE`."""
    line = connection._transport.get_extra_info("socket")  # noqa: SLF001 - asyncpg shows it nowhere else
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
