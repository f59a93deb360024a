"""The real bot against the playground over real HTTP, with a provider of the test's choice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.app import App, open_app
from bot.playground import ANN, BORIS, CHEN, GROUP, Call, Message, Playground
from bot.settings import Settings
from providers.base import ImageProvider
from providers.clock import Clock
from providers.testing import FakeProvider
from storage.records import DeliveryState, Job
from tests.bot.ports import free_port
from tests.fakes.fast_clock import FastClock
from tests.storage.databases import sqlite_template

PATIENCE = 60.0
"""Seconds of real time; only a test that fails waits so long."""

FINISH_GRACE = 0.2
"""Seconds that work may take to end at a stop: much of it here hangs by intent. What the bot's own
five are good for is tested with it as a process.
"""

IDLE_POLL = 0.1
"""Real seconds between two looks for what came due, where time is faster."""

__all__ = ["ANN", "BORIS", "CHEN", "GROUP", "Flow", "flow", "settings_for"]


def settings_for(playground: Playground, data_dir: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "bot_token": playground.token,
        "telegram_api_url": playground.api_url,
        "data_dir": data_dir,
        "max_requests_per_minute": 1000,
        "monitoring": False,
        **changes,
    }
    return Settings(_env_file=None, **values)


@dataclass
class Flow:
    """A running bot and its chat world."""

    playground: Playground
    app: App
    provider: ImageProvider

    async def say(
        self, text: str, *, user: int = ANN, chat: int | None = None, **more: Any
    ) -> Message:
        return await self.playground.send(user, chat or user, text, **more)

    async def send_photo(
        self,
        *pictures: bytes,
        caption: str = "",
        user: int = ANN,
        chat: int | None = None,
        **more: Any,
    ) -> list[Message]:
        """One picture or an album; `reply_to` and `as_file` as in the playground."""
        return await self.playground.send_photo(user, chat or user, pictures, caption, **more)

    def bot_messages(self, chat: int = ANN) -> list[Message]:
        return [m for m in self.playground.messages(chat) if m.sender.is_bot]

    async def turn_on(self, chat: int = GROUP, *, by: int = ANN) -> None:
        """Add the bot to a group and let an admin of it enable it."""
        await self.playground.add_bot(chat, by=by)
        await self.say("/enable", user=by, chat=chat)
        await self.see_text("I'm on", chat=chat)

    def calls(self, method: str, chat: int | None = None) -> list[Call]:
        """The bot's calls of a method, those to one chat where it is given, oldest first."""
        return [
            call
            for call in self.playground.calls
            if call.method == method and chat in (None, call.params.get("chat_id"))
        ]

    async def job(self, job_id: int = 1) -> Job | None:
        async with self.app.delivery._storage.reading() as view:
            return await view.jobs.get(job_id)

    async def job_until(
        self, predicate: Callable[[Job], bool], job_id: int = 1, timeout: float = PATIENCE
    ) -> Job:
        """The job, once it is as `predicate` wants it. What it asks is in the database, which rings
        no bell here, so this one looks again and again.
        """
        async with asyncio.timeout(timeout):
            while (found := await self.job(job_id)) is None or not predicate(found):  # noqa: ASYNC110 - a database has no event
                await asyncio.sleep(0.01)
        return found

    async def delivered(self, job_id: int = 1, timeout: float = PATIENCE) -> Job:
        """The job, once its outcome is in the chat or never will be."""
        return await self.job_until(
            lambda job: job.delivery in {DeliveryState.DELIVERED, DeliveryState.UNDELIVERABLE},
            job_id,
            timeout,
        )

    async def see(
        self, predicate: Callable[[Message], bool], *, chat: int = ANN, timeout: float = PATIENCE
    ) -> Message:
        """The bot's first message in the chat for which `predicate` holds, once there is one."""

        def found() -> Message | None:
            return next((m for m in self.bot_messages(chat) if predicate(m)), None)

        return await self.playground.wait_until(found, timeout)

    async def see_picture(self, *, chat: int = ANN, timeout: float = PATIENCE) -> Message:
        return await self.see(lambda m: m.photo is not None, chat=chat, timeout=timeout)

    async def see_text(self, part: str, *, chat: int = ANN, timeout: float = PATIENCE) -> Message:
        return await self.see(
            lambda m: part in (m.text or m.caption or ""), chat=chat, timeout=timeout
        )


@asynccontextmanager
async def running(app: App) -> AsyncIterator[None]:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(app.run(stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait({task})


def _hurry(app: App, *, polls: bool) -> None:
    """polls: the clock is a fast one, and what it makes due is to be found as soon."""
    worker: Any = app.worker
    worker._finish_grace = FINISH_GRACE
    if polls:
        worker._idle_poll = app.delivery._idle_poll = IDLE_POLL


def _give_database(settings: Settings) -> None:
    """Migrated already: starts from nothing are tested with the bot as a process."""
    path = settings.data_dir / "bot.db"
    if settings.database_url is None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(_empty_database())


@cache
def _empty_database() -> bytes:
    with TemporaryDirectory() as folder, sqlite_template(Path(folder)) as path:
        return path.read_bytes()


@asynccontextmanager
async def flow(
    data_dir: Path,
    provider: ImageProvider | None = None,
    *,
    webhook: bool = False,
    playground: Playground | None = None,
    clock: Clock | None = None,
    **settings: Any,
) -> AsyncIterator[Flow]:
    """Start a bot (and a playground, unless one is given); stop it gracefully at the end.

    `clock` turns for the bot and for a playground started here; a provider has its own.
    """
    provider = provider or FakeProvider()
    if playground is None:
        async with (
            Playground.start(clock=clock) as fresh,
            flow(
                data_dir, provider, webhook=webhook, playground=fresh, clock=clock, **settings
            ) as running_flow,
        ):
            yield running_flow
        return
    if webhook:
        port = settings.get("http_port") or free_port()
        settings |= {
            "webhook_url": f"http://127.0.0.1:{port}/hook",
            "webhook_secret": "s3cret-of-the-test",
            "http_port": port,
        }
    chosen = settings_for(playground, data_dir, **settings)
    providers = {provider.name: provider}
    _give_database(chosen)
    async with open_app(chosen, clock=clock, providers=providers) as app, running(app):
        _hurry(app, polls=type(clock) is FastClock)
        yield Flow(playground, app, provider)
