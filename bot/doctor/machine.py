"""Python, the packages, and the folder for the data."""

import asyncio
import platform
import shutil
import tempfile
from collections.abc import AsyncIterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bot.doctor.findings import Finding, bad, good, in_gigabytes, note
from bot.settings import Settings

NEEDED = ("aiogram", "aiosqlite", "alembic", "httpx", "pillow", "pydantic-settings", "sqlalchemy")
EXTRA = ("asyncpg", "obstore", "torch", "diffusers", "transformers", "accelerate")
LITTLE_SPACE = 1_000_000_000


async def examine_packages(_settings: Settings) -> AsyncIterator[Finding]:
    yield good("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    needed = _versions(NEEDED)
    if missing := [name for name in NEEDED if name not in needed]:
        yield bad("packages", f"{', '.join(missing)} not installed: pip install .")
    yield good("packages", ", ".join(f"{name} {number}" for name, number in needed.items()))
    if extra := _versions(EXTRA):
        yield good("extras", ", ".join(f"{name} {number}" for name, number in extra.items()))


def _versions(names: tuple[str, ...]) -> dict[str, str]:
    """Of those that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


async def examine_data_dir(settings: Settings) -> AsyncIterator[Finding]:
    yield await look_at_folder(settings.data_dir.absolute(), "DATA_DIR")


async def look_at_folder(folder: Path, setting: str) -> Finding:
    return await asyncio.to_thread(_look_at_folder, folder, setting)


def _look_at_folder(folder: Path, setting: str) -> Finding:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
        free = shutil.disk_usage(existing).free
    except OSError as error:
        return bad(setting, f"{existing} can't be written: {error.strerror}")
    if existing != folder:
        return note(setting, f"{folder} isn't there yet, the first start makes it")
    space = f"{folder} can be written, {in_gigabytes(free)} free"
    return good(setting, space) if free > LITTLE_SPACE else note(setting, space)
