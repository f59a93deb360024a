"""`python -m bot doctor`: what the bot will use and what stands in its way, without starting it."""

import asyncio
import sys
from collections.abc import AsyncIterator

from bot.doctor.database import examine_database
from bot.doctor.engines import examine_engines, examine_loading
from bot.doctor.findings import Examination, Finding, Mark
from bot.doctor.machine import examine_data_dir, examine_packages
from bot.doctor.moderation import examine_moderation, examine_moderation_online
from bot.doctor.pictures import examine_bucket, examine_pictures
from bot.doctor.services import examine_services
from bot.doctor.telegram import examine_telegram, examine_telegram_online
from bot.settings import Settings

ALWAYS: tuple[Examination, ...] = (
    examine_packages,
    examine_data_dir,
    examine_pictures,
    examine_database,
    examine_telegram,
    examine_moderation,
    examine_engines,
)
ONLINE: tuple[Examination, ...] = (
    examine_bucket,
    examine_telegram_online,
    examine_moderation_online,
    examine_services,
)


async def examine(
    settings: Settings, *, online: bool = True, load: bool = False
) -> AsyncIterator[Finding]:
    """online: ask Telegram about the token, the services about theirs, and a store of pictures. load: the local model."""
    asked = [
        *ALWAYS,
        *(ONLINE if online else ()),
        *([examine_loading] if load else []),
    ]
    told: set[Finding] = set()
    for examination in asked:
        async for finding in examination(settings):
            if finding not in told:  # two may come upon the same
                told.add(finding)
                yield finding


def run_doctor(settings: Settings, *, online: bool, load: bool) -> int:
    """Print the findings as they come; the exit code: 1 where something is bad."""
    return asyncio.run(_print(settings, online=online, load=load))


async def _print(settings: Settings, *, online: bool, load: bool) -> int:
    code = 0
    async for finding in examine(settings, online=online, load=load):
        print_finding(finding)
        code = code or int(finding.mark is Mark.BAD)
    return code


def print_finding(finding: Finding) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    line = str(finding).encode(encoding, "replace").decode(encoding)  # ✓ isn't everywhere
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
