"""Amounts, durations, moments and lists, as the reader's language says them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location

from bot.i18n import _, language, ngettext

SHOWN = 100  # a duration is told in seconds, then minutes, up to this many


def units(count: int) -> str:
    return ngettext("{count} unit", "{count} units", count).format(count=count)


def duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < SHOWN:
        return _("{seconds} s").format(seconds=whole)
    minutes = round(whole / 60)
    if minutes < SHOWN:
        return _("{minutes} min").format(minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    return _("{hours} h {minutes:02} min").format(hours=hours, minutes=minutes)


def span(seconds: float) -> str:
    """A time that may be days, to the whole unit people would say."""
    days = round(seconds / 86400)
    if days < 2:  # noqa: PLR2004 - up to two days hours are said
        return duration(seconds)
    return ngettext("{count} day", "{count} days", days).format(count=days)


def moment(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Today or tomorrow by its name, any other day by its date."""
    there, today = at.astimezone(zone), now.astimezone(zone).date()
    city = get_timezone_location(zone, locale=language(), return_city=True)
    time = f"{there:%H:%M} ({city})"
    if there.date() == today:
        return _("today at {time}").format(time=time)
    if there.date() == today + timedelta(days=1):
        return _("tomorrow at {time}").format(time=time)
    date = format_date(there, "long", locale=language())
    return _("on {date} at {time}").format(date=date, time=time)


def listed(words: Sequence[str]) -> str:
    """With "and" before the last one."""
    if len(words) < 2:  # noqa: PLR2004 - two are the first that are joined
        return "".join(words)
    return _("{others} and {last}").format(others=", ".join(words[:-1]), last=words[-1])


def and_more(shown: str, count: int) -> str:
    """For a list too long to be shown."""
    return ngettext("{shown} and {count} more", "{shown} and {count} more", count).format(
        shown=shown, count=count
    )
