"""The words of /stats: those in the chart, and those in its place."""

from collections.abc import Callable, Sequence
from datetime import date
from html import escape

from bot.charts import colors
from bot.charts.data import Bar, Chart, Series
from bot.i18n import N_, _, ngettext
from bot.texts import everyday as texts
from bot.texts.operations import OUTCOMES, outcomes, who
from bot.usecases.statistics import DayStatistics, ProviderStatistics, Statistics, Times
from storage.records import JobState, User
from storage.summaries import Spender

MOST_DAYS = 90
DAYS_TOLD = 14  # in words; the chart has them all
USAGE = N_(
    "Say for how many days, from 1 to {most}: <code>/stats 30</code>, <code>/stats 7 text</code>"
)
NO_CHART = N_("(The chart can't be drawn here; install the bot with the charts extra for it.)")
NO_TIME = "—"
MONTHS = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip


def usage() -> str:
    return _(USAGE).format(most=MOST_DAYS)


def title(days: int) -> str:
    if days == 1:
        return _("Today")
    return ngettext("The last {count} day", "The last {count} days", days).format(count=days)


def requests(count: int) -> str:
    return ngettext("{count} request", "{count} requests", count).format(count=count)


def day(at: date) -> str:
    return _("{day} {month}").format(day=at.day, month=_(MONTHS[at.month - 1]))


def chart(seen: Statistics) -> Chart:
    return Chart(
        title=title(len(seen.days)),
        summary=_summary(seen),
        labels=tuple(day(each.day) for each in seen.days),
        outcomes_title=_("Requests a day"),
        outcomes=tuple(_layer(seen.days, state, color) for state, color in colors.OUTCOMES.items()),
        times_title=_("Seconds waited"),
        times=(
            _line(seen.days, "p50", colors.P50, lambda times: times.p50),
            _line(seen.days, "p95", colors.P95, lambda times: times.p95),
        ),
        units_title=_("Units a day"),
        units=Series(name="", color=colors.UNITS, values=tuple(_spent(each) for each in seen.days)),
        providers_title=_("Providers: requests, p50 / p95"),
        providers=tuple(_provider_bar(each) for each in seen.providers),
        people_title=_("Who spent most"),
        people=tuple(_person_bar(spender, user) for spender, user in seen.people),
        empty=_("nothing yet"),
    )


def _summary(seen: Statistics) -> tuple[tuple[str, str], ...]:
    times = seen.times
    return (
        (_("requests"), str(sum(each.jobs for each in seen.ended))),
        (_("half wait less than"), texts.duration(times.p50) if times else NO_TIME),
        (_("95 % wait less than"), texts.duration(times.p95) if times else NO_TIME),
        (_("units spent"), str(sum(each.units for each in seen.ended))),
    )


def _layer(days: Sequence[DayStatistics], state: JobState, color: str) -> Series:
    counts = (sum(each.jobs for each in day.ended if each.state is state) for day in days)
    return Series(name=_(OUTCOMES[state]), color=color, values=tuple(counts))


def _line(
    days: Sequence[DayStatistics], name: str, color: str, of: Callable[[Times], float]
) -> Series:
    values = tuple(of(day.times) if day.times else None for day in days)
    return Series(name=name, color=color, values=values)


def _spent(day: DayStatistics) -> float:
    return sum(each.units for each in day.ended)


def _provider_bar(each: ProviderStatistics) -> Bar:
    times = f" · {_both(each.times)}" if each.times else ""
    return Bar(name=each.name, value=each.jobs, note=f"{each.jobs}{times}")


def _both(times: Times) -> str:
    return f"{texts.duration(times.p50)} / {texts.duration(times.p95)}"


def _person_bar(spender: Spender, user: User | None) -> Bar:
    return Bar(
        name=_plain_name(spender.user_id, user),
        value=spender.units,
        note=texts.units(spender.units),
    )


def _plain_name(user_id: int, user: User | None) -> str:
    if user is None:
        return str(user_id)
    return f"@{user.username}" if user.username else user.name or str(user_id)


def statistics(seen: Statistics) -> str:
    """The same in words."""
    busy = [each for each in seen.days if each.ended]
    parts = [
        f"<b>{title(len(seen.days))}</b>\n{outcomes(seen.ended)}",
        _waited(seen.times) if seen.times else "",
        _listed(
            _("By day"), [f"{day(each.day)}: {outcomes(each.ended)}" for each in busy[-DAYS_TOLD:]]
        ),
        _listed(_("Providers"), [_provider_line(each) for each in seen.providers]),
        _listed(_("Who spent most"), [_person_line(*each) for each in seen.people]),
    ]
    return "\n\n".join(filter(None, parts))


def _waited(times: Times) -> str:
    return _("Half of the pictures came within {p50}, 95 % within {p95}.").format(
        p50=texts.duration(times.p50), p95=texts.duration(times.p95)
    )


def _listed(heading: str, lines: Sequence[str]) -> str:
    return "\n".join([f"<b>{heading}</b>", *lines]) if lines else ""


def _provider_line(each: ProviderStatistics) -> str:
    facts = [requests(each.jobs), texts.units(each.units)]
    if each.times:
        facts.append(_both(each.times))
    return f"{escape(each.name)}: {' · '.join(facts)}"


def _person_line(spender: Spender, user: User | None) -> str:
    spent = f"{texts.units(spender.units)} · {requests(spender.jobs)}"
    return f"{who(spender.user_id, user)}: {spent}"
