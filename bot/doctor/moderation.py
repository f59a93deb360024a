"""Who judges prompts, and whether the owner's lists can be read."""

import asyncio
from collections.abc import AsyncIterator

from bot.doctor.findings import Finding, bad, good, note
from bot.moderators import build_moderation, read_lists
from bot.settings import Settings, WrongSetting
from providers.clock import SystemClock
from providers.types import VerdictStatus, Wish

FATE = {"closed": "refused while it is down", "open": "drawn unchecked while it is down"}
HARMLESS = Wish(prompt="a fox in the snow")


async def examine_moderation(settings: Settings) -> AsyncIterator[Finding]:
    """Asks nobody anything."""
    try:
        lists = await asyncio.to_thread(read_lists, settings)
    except WrongSetting as error:
        yield bad(error.name, error.problem)
    else:
        kinds = sorted(name for name in lists.sections - lists.without if name[0] != "_")
        yield good("prompt rules", f"{len(lists.blocked)} entries: {', '.join(kinds)}")
    if settings.moderation_url is not None:
        fate = FATE[settings.moderation_when_down]
        yield good("MODERATION_URL", f"{settings.moderation_url} judges prompts; {fate}")


async def examine_moderation_online(settings: Settings) -> AsyncIterator[Finding]:
    """Let the service judge a harmless prompt."""
    if settings.moderation_url is None:
        return
    try:
        moderation = await asyncio.to_thread(build_moderation, settings, SystemClock())
    except WrongSetting:
        return  # told already
    try:
        verdict = await moderation.by_service(HARMLESS)
    finally:
        await moderation.aclose()
    match verdict.status:
        case VerdictStatus.ALLOWED:
            yield good("moderation service", "answers")
        case VerdictStatus.BLOCKED:
            yield note("moderation service", f"blocks even {HARMLESS.prompt!r}")
        case VerdictStatus.UNCHECKED:
            yield bad("MODERATION_URL", "no verdict from there: check address, key and model")
