"""/stats: numbers of whole local days, a chart that Telegram takes, and words in its place."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from bot.charts import colors, process
from bot.charts.draw import draw
from bot.texts import statistics as texts_statistics
from bot.usecases.quotas import QuotaRules
from bot.usecases.statistics import (
    DayStatistics,
    ProviderStatistics,
    ShowStatistics,
    Statistics,
    Times,
)
from providers.testing import FakeProvider, censor_prompt, succeed
from storage.base import Storage
from storage.engine import open_storage
from storage.records import JobState, Outcome, User
from storage.summaries import EndedCount, Spender
from tests.bot.harness import ANN, BORIS, flow
from tests.contracts.building import new_job
from tests.fakes.clock import FakeClock

OWNER = frozenset({ANN})
BERLIN = ZoneInfo("Europe/Berlin")
AUTUMN = datetime(2026, 10, 26, 12, tzinfo=UTC)  # the day after a day of 25 hours
LONG_NAME = "Константин Константинович Константинопольский"


async def ended(storage: Storage, number: int, at: datetime, seconds: float = 10.0) -> None:
    async with storage.transaction() as tx:
        job, _ = await tx.jobs.enqueue(new_job(number), now=at - timedelta(seconds=seconds))
        assert await tx.jobs.finish(job.id, Outcome(JobState.SUCCEEDED), lease=None, now=at)


async def test_a_day_is_one_of_the_quotas_timezone(tmp_path: Path) -> None:
    """Also where the clocks go back: 25 October has 25 hours in Berlin."""
    storage = await open_storage(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    midnight = datetime(2026, 10, 25, tzinfo=BERLIN).astimezone(UTC)
    try:
        await ended(storage, 1, midnight - timedelta(seconds=1))
        await ended(storage, 2, midnight, seconds=20)
        await ended(storage, 3, midnight + timedelta(hours=25, seconds=-1), seconds=40)
        await ended(storage, 4, midnight + timedelta(hours=25))
        show = ShowStatistics(storage, QuotaRules(20, BERLIN), FakeClock(AUTUMN))
        seen = await show(3)
    finally:
        await storage.close()
    assert [day.day for day in seen.days] == [date(2026, 10, each) for each in (24, 25, 26)]
    assert [sum(each.jobs for each in day.ended) for day in seen.days] == [1, 2, 1]
    times = seen.days[1].times
    assert times is not None
    assert (round(times.p50), round(times.p95)) == (20, 40)


def some(days: int, *, empty: bool = False) -> Statistics:
    """Of `days`, each busier than the one before."""
    first = date(2026, 1, 1)
    counts = [
        tuple(EndedCount(state, "local", number + 1, number) for state in colors.OUTCOMES)
        for number in range(days)
    ]
    times = Times(12.0, 4000.0)
    return Statistics(
        days=tuple(
            DayStatistics(
                first + timedelta(number), () if empty else count, None if empty else times
            )
            for number, count in enumerate(counts)
        ),
        providers=() if empty else (ProviderStatistics("local", 5, 5, times),),
        times=None if empty else times,
        people=()
        if empty
        else ((Spender(7, 3, 4), User(7, None, "ru", False, LONG_NAME)), (Spender(8, 1, 0), None)),
    )


@pytest.mark.parametrize(("days", "empty"), [(1, False), (7, True), (90, False)])
def test_every_chart_is_a_photo_that_telegram_takes(days: int, empty: bool) -> None:
    png = draw(texts_statistics.chart(some(days, empty=empty)))
    with Image.open(BytesIO(png)) as picture:
        assert picture.format == "PNG" and picture.width == 1080
        assert 1000 < picture.height < 1600
        assert len(picture.convert("RGB").getcolors(2**20) or []) > (3 if empty else 50)


def test_the_words_say_the_same() -> None:
    words = texts_statistics.statistics(some(7))
    for fact in (
        "The last 7 days",
        "28 done · 28 censored · 28 failed · 28 canceled · 84 units",
        "Half of the pictures came within 12 s, 95 % within 67 min.",
        "7 Jan: 7 done",
        "local: 5 requests · 5 units · 12 s / 67 min",
        f"{LONG_NAME} (<code>7</code>): 4 units · 3 requests",
    ):
        assert fact in words
    assert "nothing yet" in texts_statistics.statistics(some(1, empty=True))
    assert len(texts_statistics.statistics(some(90))) < 4096


async def test_stats_come_as_a_chart_and_in_words(tmp_path: Path) -> None:
    provider = FakeProvider([succeed(), censor_prompt("violence")])
    async with flow(tmp_path, provider, admin_ids=OWNER) as chat:
        await chat.say("/imagine a fox --n 2", user=BORIS)
        await chat.see_picture(chat=BORIS)
        await chat.say("/imagine a bear", user=BORIS)
        await chat.see_text("censored", chat=BORIS)
        await chat.say("/stats 30")
        picture = await chat.see_picture()
        assert picture.caption == "The last 30 days"
        await chat.say("/stats 1 text")
        told = await chat.see_text("1 done · 1 censored · 2 units")
        assert f"@boris ({BORIS}): 2 units · 2 requests" in told.words


@pytest.mark.parametrize("words", ["0", "91", "-1", "seven", "7 8", "²"])
async def test_what_is_no_number_of_days_is_answered_with_an_example(
    tmp_path: Path, words: str
) -> None:
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await chat.say(f"/stats {words}")
        await chat.see_text("from 1 to 90")


async def test_without_the_library_there_are_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "find_spec", lambda name: None)
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await chat.say("/stats")
        told = await chat.see_text("The last 7 days")
        assert "can't be drawn here" in told.words


async def test_a_drawing_that_fails_leaves_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process.sys, "executable", "/bin/false")
    async with flow(tmp_path, admin_ids=OWNER) as chat:
        await chat.say("/stats")
        assert "can't be drawn here" in (await chat.see_text("The last 7 days")).words
