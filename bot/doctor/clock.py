"""This machine's clock beside the one of Telegram's answer."""

from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime

import aiohttp

from bot.doctor.findings import Finding, bad, good, note
from bot.settings import Settings
from providers.clock import Clock

PATIENCE = aiohttp.ClientTimeout(total=10)
MUCH = 5.0  # seconds, of which one or two are the way and the header's own precision
LEASES_BREAK = 15.0
"""Half a lease of a job: processes that disagree by more take work from each other."""


async def examine_clock(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Without a token. Says nothing where the server tells no time."""
    asked = clock.now()
    try:
        async with (
            aiohttp.ClientSession(timeout=PATIENCE, trust_env=True) as session,
            session.get(settings.telegram_api_url, allow_redirects=False) as answer,
        ):
            told = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return
    middle = asked + (clock.now() - asked) / 2
    yield _judged((middle - told).total_seconds(), settings)


def _judged(ahead: float, settings: Settings) -> Finding:
    if abs(ahead) <= MUCH:
        return good("clock", "agrees with Telegram's")
    words = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Telegram's; let NTP set it"
    shares = not settings.database.startswith("sqlite")
    return (bad if shares and abs(ahead) > LEASES_BREAK else note)("clock", words)
