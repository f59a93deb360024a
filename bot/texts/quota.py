"""The words about what people have left, and about too much at once; Telegram HTML."""

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from bot.i18n import N_, _, ngettext
from bot.texts.measures import duration, moment
from storage.errors import QueueFull, QuotaExceeded, Throttled
from storage.records import QuotaView

UNLIMITED = N_("You may draw as much as you like.")


def quota(view: QuotaView, zone: ZoneInfo, now: datetime) -> str:
    if view.unlimited:
        return "\n".join([_(UNLIMITED), *([_held(view.held)] if view.held else [])])
    lines = [_left(view.left), bar(view)]
    if view.extra_left:
        words = _("{daily} for today and {extra} extra that don't expire.")
        lines.append(words.format(daily=view.daily_left, extra=view.extra_left))
    if view.held:
        lines.append(_held(view.held))
    lines.append(resets(view.resets_at, zone, now))
    return "\n".join(lines)


def _left(count: int) -> str:
    return ngettext(
        "You have <b>{count} unit</b> left.", "You have <b>{count} units</b> left.", count
    ).format(count=count)


def _held(count: int) -> str:
    return ngettext(
        "{count} unit is held for pictures on their way.",
        "{count} units are held for pictures on their way.",
        count,
    ).format(count=count)


def bar(view: QuotaView, width: int = 12) -> str:
    share = view.daily_left / view.daily_limit if view.daily_limit else 0.0
    filled = round(width * min(1.0, share))
    return _("{bar} {left}/{limit} today").format(
        bar="▰" * filled + "▱" * (width - filled), left=view.daily_left, limit=view.daily_limit
    )


def resets(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    return _("New units come in {time}, {moment}.").format(
        time=duration((at - now).total_seconds()), moment=escape(moment(at, zone, now))
    )


def quota_exceeded(error: QuotaExceeded, zone: ZoneInfo, now: datetime) -> str:
    needed = ngettext("This needs {count} unit.", "This needs {count} units.", error.needed)
    needed = needed.format(count=error.needed)
    return f"{needed} {_left(error.left)} {resets(error.resets_at, zone, now)}"


def queue_full(error: QueueFull) -> str:
    return ngettext(
        "You have {count} request waiting already. Let it finish, or /cancel.",
        "You have {count} requests waiting already. Let some of them finish, or /cancel.",
        error.limit,
    ).format(count=error.limit)


def throttled(error: Throttled) -> str:
    wait = duration(error.retry_after)
    return _("That's a lot at once. Try again in {time}.").format(time=wait)
