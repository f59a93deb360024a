"""The database, without its lock: a running bot isn't disturbed."""

from collections.abc import AsyncIterator

from bot.doctor.findings import Finding, bad, good, note
from bot.settings import Settings
from storage.errors import CannotOpen
from storage.inspection import inspect


async def examine_database(settings: Settings) -> AsyncIterator[Finding]:
    try:
        found = await inspect(settings.database)
    except CannotOpen as error:
        yield bad(settings.database_setting, str(error))
        return
    if found.revision is None:
        yield note("database", f"{found.place}: no tables yet, the first start makes them")
    elif found.revision != found.newest:
        old = f"revision {found.revision}, the next start brings it to {found.newest}"
        yield note("database", f"{found.place}: {old}")
    else:
        yield good("database", f"{found.place}: revision {found.revision}")
