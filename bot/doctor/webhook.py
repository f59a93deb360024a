"""What Telegram has on record about the webhook: where it calls, what waits, and what went wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from aiogram import Bot
from aiogram.types import WebhookInfo

from bot.doctor.findings import Finding, good, note
from bot.telegram.errors import TELEGRAM_FAILURES

MANY_PENDING = 100
FRESH = timedelta(hours=1)


async def examine_webhook(bot: Bot, url: str | None, now: datetime) -> AsyncIterator[Finding]:
    try:
        info = await bot.get_webhook_info()
    except TELEGRAM_FAILURES as error:
        yield note("updates", f"Telegram tells nothing of them ({type(error).__name__})")
        return
    yield _whereabouts(info, url)
    if info.pending_update_count >= MANY_PENDING:
        yield note("updates", f"{info.pending_update_count} wait at Telegram; is the bot running?")
    if info.last_error_message and info.last_error_date is not None:
        ago = now - info.last_error_date.astimezone(UTC)
        if ago < FRESH:
            words = " ".join(info.last_error_message.split())
            minutes = max(0, int(ago.total_seconds() // 60))
            yield note("WEBHOOK_URL", f"Telegram's last call failed {minutes} minutes ago: {words}")


def _whereabouts(info: WebhookInfo, url: str | None) -> Finding:
    """Without either address: its path may be what keeps strangers out."""
    waiting = f"{info.pending_update_count} waiting"
    match (url, info.url):
        case (None, ""):
            return good("updates", f"no webhook at Telegram, {waiting}")
        case (None, _):
            return note("updates", "Telegram has a webhook; the next start removes it")
        case (_, ""):
            return note("WEBHOOK_URL", "Telegram doesn't know of it yet; the next start tells")
        case (ours, theirs) if ours != theirs:
            return note("WEBHOOK_URL", "Telegram has another one; the next start replaces it")
        case _:
            return good("updates", f"Telegram calls WEBHOOK_URL, {waiting}")
