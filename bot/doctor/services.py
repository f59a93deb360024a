"""How the enabled providers do, asked with their keys: a table, and what is wrong in words."""

from collections.abc import AsyncIterator, Iterator, Sequence

from bot.doctor.engines import opened_providers
from bot.doctor.findings import Finding, Mark, Table, bad, note
from bot.enabled import describe_engines
from bot.settings import Settings, WrongSetting
from bot.texts import providers as texts_providers
from bot.usecases.probe_providers import Grade, ProbeProviders, ProviderReport
from providers.clock import SystemClock

HEAD = ("provider", "key", "models", "styles", "credit", "answered in")
NOTHING = "-"
_MARKS = {Grade.GOOD: Mark.GOOD, Grade.DOUBTFUL: Mark.NOTE, Grade.BROKEN: Mark.BAD}


async def examine_services(settings: Settings) -> AsyncIterator[Finding]:
    try:
        async with opened_providers(settings) as providers:
            engines = await describe_engines(providers, None)
            for finding in findings(await ProbeProviders(engines, SystemClock())()):
                yield finding
    except WrongSetting:
        return  # told already


def findings(reports: Sequence[ProviderReport]) -> Iterator[Finding]:
    yield Table(tuple(table(reports)))
    for report in reports:
        tell = bad if report.grade is Grade.BROKEN else note
        for problem in texts_providers.problems(report):
            yield tell(problem.about, problem.text)


def table(reports: Sequence[ProviderReport]) -> list[str]:
    """Lines whose columns stand under each other."""
    rows = [HEAD, *map(_cells, reports)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    marks = [" ", *(_MARKS[report.grade] for report in reports)]
    return [
        f"{mark} " + "  ".join(map(str.ljust, row, widths)).rstrip()
        for mark, row in zip(marks, rows, strict=True)
    ]


def _cells(report: ProviderReport) -> tuple[str, ...]:
    own_styles = texts_providers.styles(report)
    cells = (
        texts_providers.key_state(report),
        texts_providers.models(report),
        str(len(own_styles)) if own_styles else "",
        texts_providers.credit(report),
        texts_providers.answered_in(report),
    )
    return (report.name, *(cell or NOTHING for cell in cells))
