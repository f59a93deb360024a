"""The real bot as a process of its own, so that a test can kill it and keep Telegram and the service."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.__main__ import main
from bot.playground import Playground
from tests.fakes.replicate import FakeReplicate

ROOT = Path(__file__).parents[2]
RUN = ("run",)
START = 180.0  # seconds a start may take on a busy machine, torch and all

# A bot imports for seconds, most of it aiogram. Here a process that has imported everything and
# does nothing else forks each bot; the soak run starts the command line itself, as people do.
_warm = multiprocessing.get_context("forkserver")
_warm.set_forkserver_preload(
    ["bot.app", "bot.telegram.webhook", "providers.replicate", "alembic.command"]
)


def _unchanged() -> None:
    pass


class BotProcess:
    """`python -m bot run`, say, with these settings and no others; stderr goes to a file.

    within: a command that runs the bot elsewhere, as `ip netns exec` does; it starts cold.
    prepare: called first of all in the process, a warm one, to give it a fault of its own.
    """

    def __init__(
        self,
        folder: Path,
        settings: dict[str, str],
        *,
        cold: bool = False,
        command: Sequence[str] = RUN,
        log: str = "stderr.log",
        within: Sequence[str] = (),
        prepare: Callable[[], None] = _unchanged,
    ) -> None:
        self.log = folder / log
        self.log.touch()
        environment = {"PYTHONPATH": str(ROOT), **settings}
        if cold or within:
            started = _start_cold(folder, self.log, environment, command, within)
        else:
            started = _start_warm(folder, self.log, environment, command, prepare)
        self.pid, self._wait = started
        self._code: int | None = None

    @property
    def stderr(self) -> str:
        return self.log.read_text("utf-8")

    def send(self, number: signal.Signals) -> None:
        if self._code is None:
            os.kill(self.pid, number)

    async def exit_code(self, seconds: float = START) -> int:
        """Raises TimeoutError where it doesn't end by itself."""
        if self._code is None:
            self._code = await asyncio.to_thread(self._wait, seconds)
        return self._code

    async def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = START) -> int:
        """Send the signal and wait for the exit code."""
        self.send(number)
        return await self.exit_code(seconds)

    async def kill(self) -> None:
        """At once and for good; nothing happens where it has ended already."""
        await self.end(signal.SIGKILL)


Started = tuple[int, Callable[[float], int]]  # the process's id, and a wait for its exit code


def _start_cold(
    folder: Path,
    log: Path,
    environment: dict[str, str],
    command: Sequence[str],
    within: Sequence[str],
) -> Started:
    with log.open("ab") as file:
        process = subprocess.Popen(
            [*within, sys.executable, "-m", "bot", *command],
            cwd=folder,  # where no .env lies
            env=environment,
            stdout=file,
            stderr=file,
        )

    def wait(seconds: float) -> int:
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None

    return process.pid, wait


def _start_warm(
    folder: Path,
    log: Path,
    environment: dict[str, str],
    command: Sequence[str],
    prepare: Callable[[], None],
) -> Started:
    process = _warm.Process(target=_run, args=(folder, log, environment, command, prepare))
    process.start()
    assert process.pid is not None

    def wait(seconds: float) -> int:
        process.join(seconds)
        if process.exitcode is None:
            raise TimeoutError
        return process.exitcode

    return process.pid, wait


def _run(
    folder: Path,
    log: Path,
    environment: dict[str, str],
    command: Sequence[str],
    prepare: Callable[[], None],
) -> None:
    """In the forked process."""
    os.chdir(folder)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.environ.clear()  # noqa: TID251 - what a new process would get
    os.environ.update(environment)  # noqa: TID251 - the same
    prepare()
    sys.exit(main(list(command)))


def polls(playground: Playground) -> int:
    return sum(call.method == "getUpdates" for call in playground.calls)


class House:
    """A Telegram and a service that outlive the bot, and the bot's folder."""

    def __init__(self, playground: Playground, service: FakeReplicate, folder: Path) -> None:
        self.playground = playground
        self.service = service
        self.folder = folder
        self.settings = {
            "BOT_TOKEN": playground.token,
            "TELEGRAM_API_URL": playground.api_url,
            "DATA_DIR": str(folder / "data"),
            "REPLICATE_API_TOKEN": service.token,
            "REPLICATE_BASE_URL": service.base_url,
            "MAX_REQUESTS_PER_MINUTE": "1000",
            "MONITORING": "0",
        }

    @property
    def database(self) -> Path:
        return self.folder / "data" / "bot.db"

    @asynccontextmanager
    async def started(
        self,
        *,
        cold: bool = False,
        prepare: Callable[[], None] = _unchanged,
        **settings: str,
    ) -> AsyncIterator[BotProcess]:
        """A bot that may be anywhere in its start; killed at the block's end if it still runs."""
        process = BotProcess(self.folder, self.settings | settings, cold=cold, prepare=prepare)
        try:
            yield process
        finally:
            await process.kill()

    @asynccontextmanager
    async def bot(self, *, cold: bool = False, **settings: str) -> AsyncIterator[BotProcess]:
        """A bot that has begun to poll."""
        before = polls(self.playground)
        async with self.started(cold=cold, **settings) as process:
            await self.playground.wait_until(lambda: polls(self.playground) > before, START)
            yield process


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    async with Playground.start() as playground, FakeReplicate() as service:
        yield House(playground, service, folder)
