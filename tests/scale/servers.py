"""Several processes over one PostgreSQL of their own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from sqlalchemy import make_url

from tests.bot.process import START, BotProcess, House, polls


def use(house: House, url: str, **settings: str) -> None:
    """Every process of the house works over this database."""
    house.settings |= {"DATABASE_URL": url, **settings}


async def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    import asyncpg  # noqa: PLC0415 - an extra, and only here

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


def ask(url: str, query: str) -> list[tuple[Any, ...]]:
    """As a plain function; call it in a thread."""
    return asyncio.run(rows(url, query))


class Processes:
    """The processes of one installation, each with a log of its own. They share the data folder."""

    def __init__(self, home: House, stack: AsyncExitStack) -> None:
        self._home = home
        self._stack = stack
        self._started = 0

    async def start(self, *command: str, within: Sequence[str] = (), **settings: str) -> BotProcess:
        self._started += 1
        process = BotProcess(
            self._home.folder,
            self._home.settings | settings,
            command=command,
            log=f"{self._started}-{command[0]}.log",
            within=within,
        )
        self._stack.push_async_callback(process.kill)
        return process

    async def edge(self, **settings: str) -> BotProcess:
        before = polls(self._home.playground)
        process = await self.start("run", "--no-worker", **settings)
        await self._home.playground.wait_until(lambda: polls(self._home.playground) > before, START)
        return process

    async def worker(self, *more: str, within: Sequence[str] = (), **settings: str) -> BotProcess:
        process = await self.start("worker", *more, within=within, **settings)
        await until(lambda: "event=started" in process.stderr, START)
        return process


@asynccontextmanager
async def processes(home: House) -> AsyncIterator[Processes]:
    async with AsyncExitStack() as stack:
        yield Processes(home, stack)


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """What another process does rings no bell here."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.05)
