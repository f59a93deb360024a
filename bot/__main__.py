"""Command line: `python -m bot run | demo | migrate | doctor`.

Exit code 2: a setting or the database is wrong; 1: the doctor found something bad.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from bot.logs import configure_logging
from bot.settings import Settings, WrongSetting, load_settings
from storage.errors import CannotOpen

WRONG_SETUP = 2

Result = TypeVar("Result")


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.command == "doctor":
        return doctor(online=options.online, load=options.load)
    try:
        settings = load_settings()
        configure_logging(settings.log_level, _secrets(settings))
        _run(COMMANDS[options.command](settings), settings.database_setting)
    except WrongSetting as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_SETUP
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name, words in HELP.items():
        commands.add_parser(name, help=words)
    doctor = commands.add_parser("doctor", help="what the bot will use, and what is wrong with it")
    doctor.add_argument("--online", action="store_true", help="ask Telegram about the token")
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


async def run(settings: Settings) -> None:
    from bot.app import open_app  # noqa: PLC0415 - `migrate` and `--help` need no Telegram

    stop = _stop_on_signals()
    async with AsyncExitStack() as stack:
        app = await _unless(stop, stack.enter_async_context(open_app(settings)))
        if app is not None:
            await app.run(stop)


async def demo(settings: Settings) -> None:
    from bot.playground.demo import run_demo  # noqa: PLC0415 - only the demo needs the playground

    await run_demo(settings, _stop_on_signals())


async def migrate(settings: Settings) -> None:
    from storage.engine import open_storage  # noqa: PLC0415

    storage = await open_storage(settings.database)
    await storage.close()


COMMANDS = {"run": run, "demo": demo, "migrate": migrate}
HELP = {
    "run": "the bot, until Ctrl+C or SIGTERM",
    "demo": "the bot with a playground in the browser: no token, no key",
    "migrate": "bring the database to this version's schema",
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
    hidden = (
        settings.bot_token,
        settings.webhook_secret,
        settings.moderation_api_key,
        settings.replicate_api_token,
    )
    return [secret.get_secret_value() for secret in hidden if secret is not None]


if __name__ == "__main__":
    sys.exit(main())
