"""Command line: `python -m bot run | worker | demo | migrate | migrate-data | migrate-pictures | backup | restore | doctor`.

Exit code 2: a setting or the database is wrong; 1: the doctor found something bad.
"""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import structlog
from pydantic import SecretStr

from bot.duties import Duties
from bot.heap import share_heap
from bot.logs import configure_logging
from bot.settings import Settings, WrongSetting, load_settings
from bot.settings_words import words
from storage.errors import CannotOpen

WRONG_SETUP = 2

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.command == "doctor":
        return doctor(online=options.online, load=options.load)
    try:
        settings = load_settings()
        configure_logging(settings.log_level, _secrets(settings), settings.log_format)
        _run(_command(options, settings), settings.database_setting)
    except WrongSetting as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_SETUP
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    made = {name: commands.add_parser(name, help=text) for name, text in HELP.items()}
    made["run"].add_argument(
        "--no-worker",
        dest="works",
        action="store_false",
        help="only take requests and show results; workers elsewhere make the pictures",
    )
    made["worker"].add_argument(
        "--providers", metavar="NAME,...", help="take jobs for these only (default: all enabled)"
    )
    made["migrate-data"].add_argument(
        "--from", dest="source", metavar="URL", help="default: the file in DATA_DIR"
    )
    made["migrate-data"].add_argument(
        "--to", dest="target", metavar="URL", help="default: DATABASE_URL"
    )
    made["migrate-pictures"].add_argument(
        "--from", dest="source", metavar="URL", help="default: the folder in DATA_DIR"
    )
    made["migrate-pictures"].add_argument(
        "--to", dest="target", metavar="URL", help="default: BLOB_URL"
    )
    for name in ("backup", "restore"):
        made[name].add_argument("folder", metavar="DIR", type=Path, help="where the backup is")
    doctor = commands.add_parser("doctor", help="what the bot will use, and what is wrong with it")
    asking = doctor.add_mutually_exclusive_group()
    asking.add_argument(
        "--online",
        action="store_true",
        default=True,
        help="ask Telegram and the image services about the token and the keys (as by default)",
    )
    asking.add_argument("--offline", dest="online", action="store_false", help="ask nobody")
    doctor.add_argument("--load", action="store_true", help="load the local model, and measure it")
    return parser


def _run(coroutine: Coroutine[Any, Any, None], database_setting: str) -> None:
    """asyncio.run, with the expected errors taken out of the task groups' wrapping."""
    try:
        asyncio.run(coroutine)
    except* WrongSetting as group:
        raise _first(group) from None
    except* CannotOpen as group:
        raise WrongSetting(database_setting, str(_first(group))) from None


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _command(options: argparse.Namespace, settings: Settings) -> Coroutine[Any, Any, None]:
    match options.command:
        case "run":
            return run(settings, Duties(works=options.works))
        case "worker":
            names = options.providers and frozenset(words(options.providers))
            return run(settings, Duties(edge=False, providers=names))
        case "migrate-data":
            return migrate_data(settings, options.source, options.target)
        case "migrate-pictures":
            return migrate_pictures(settings, options.source, options.target)
        case "backup" | "restore":
            return keep(settings, options.folder, options.command)
        case _:
            return COMMANDS[options.command](settings)


async def run(settings: Settings, duties: Duties) -> None:
    with _uncollected():
        from bot.app import open_app  # noqa: PLC0415 - `migrate` and `--help` need no Telegram

    share_heap()
    stop = _stop_on_signals()
    async with AsyncExitStack() as stack:
        app = await _unless(stop, stack.enter_async_context(open_app(settings, duties=duties)))
        if app is not None:
            if not duties.is_whole:
                log.info("started", edge=duties.edge, worker=duties.works)
            await app.run(stop)


@contextmanager
def _uncollected() -> Iterator[None]:
    """For imports: aiogram makes a third of a million objects that stay, and looking through them for
    garbage again and again is a fifth of the start. They are never looked through later either.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


async def demo(settings: Settings) -> None:
    from bot.playground.demo import run_demo  # noqa: PLC0415 - only the demo needs the playground

    await run_demo(settings, _stop_on_signals())


async def migrate(settings: Settings) -> None:
    from storage.engine import open_storage  # noqa: PLC0415

    storage = await open_storage(settings.database)
    await storage.close()


async def migrate_data(settings: Settings, source: str | None, target: str | None) -> None:
    from bot.tools.migrate_data import move_data  # noqa: PLC0415

    await move_data(source or settings.database_file, target or settings.database)


async def migrate_pictures(settings: Settings, source: str | None, target: str | None) -> None:
    from bot.tools.migrate_pictures import move_pictures  # noqa: PLC0415 - nobody else needs it

    await move_pictures(settings, source, target)


async def keep(settings: Settings, folder: Path, what: str) -> None:
    from bot.tools.backup import run_backups  # noqa: PLC0415 - nobody else needs it

    sys.stdout.write(await run_backups(settings, folder, what) + "\n")


COMMANDS = {"demo": demo, "migrate": migrate}
HELP = {
    "run": "the bot, until Ctrl+C or SIGTERM",
    "worker": "makes pictures only, for bots on the same PostgreSQL",
    "demo": "the bot with a playground in the browser: no token, no key",
    "backup": "copy the database and the pictures to a folder, also while the bot runs",
    "restore": "put a backup back, into an empty DATA_DIR (and an empty database)",
    "migrate": "bring the database to this version's schema",
    "migrate-data": "move all data from the SQLite file to PostgreSQL",
    "migrate-pictures": "copy all pictures to another place, to a bucket say",
}


def doctor(*, online: bool, load: bool) -> int:
    from bot.doctor.command import print_finding, run_doctor  # noqa: PLC0415 - nobody else needs it
    from bot.doctor.findings import bad  # noqa: PLC0415 - the same

    try:
        settings = load_settings()
    except WrongSetting as error:
        print_finding(bad(error.name, error.problem))
        return 1
    configure_logging("ERROR", _secrets(settings))  # what is worth a warning is a finding
    return run_doctor(settings, online=online, load=load)


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, Result]) -> Result | None:
    """The result of `work`, or None once `stop` is set: a start waits for Telegram, if need be for ever."""
    task = asyncio.ensure_future(work)  # noqa: TID251 - awaited or canceled right here
    stopping = asyncio.ensure_future(stop.wait())  # noqa: TID251 - the same
    await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    stopping.cancel()
    return None if task.cancelled() else task.result()


def _secrets(settings: Settings) -> list[str]:
    values = dict(settings).values()
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


if __name__ == "__main__":
    sys.exit(main())
