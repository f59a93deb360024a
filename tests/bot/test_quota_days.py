"""When a day of units begins and ends, whatever the clocks of the zone do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.usecases.quotas import QuotaRules

ODD_ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",  # skipped midnights until 2018
    "Asia/Beirut",  # and in 2022
    "America/Havana",  # has two midnights
    "America/St_Johns",  # one minute after midnight went back behind it, until 2011
    "Pacific/Apia",  # skipped a whole day
    "Australia/Lord_Howe",  # moves by half an hour
    "Asia/Kathmandu",
)
SINCE = datetime(2005, 1, 1, tzinfo=UTC)


def rules(zone: str) -> QuotaRules:
    return QuotaRules(20, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "now", "day", "resets_at"),
    [
        # Spring forward and fall back in the middle of the night: a day of 23 and one of 25 hours.
        ("Europe/Berlin", "2026-03-28T23:30", "2026-03-29", "2026-03-29T22:00"),
        ("Europe/Berlin", "2026-10-24T22:30", "2026-10-25", "2026-10-25T23:00"),
        # There is no midnight: the day begins at one o'clock.
        ("America/Sao_Paulo", "2018-11-04T02:59", "2018-11-03", "2018-11-04T03:00"),
        ("America/Sao_Paulo", "2018-11-04T03:00", "2018-11-04", "2018-11-05T02:00"),
        ("Asia/Beirut", "2022-03-26T21:59", "2022-03-26", "2022-03-26T22:00"),
        ("Asia/Beirut", "2022-03-26T22:00", "2022-03-27", "2022-03-27T21:00"),
        # Midnight goes back to 23:00: the evening comes twice, the day ends once.
        ("America/Sao_Paulo", "2018-02-18T01:30", "2018-02-17", "2018-02-18T03:00"),
        ("America/Sao_Paulo", "2018-02-18T02:30", "2018-02-17", "2018-02-18T03:00"),
        # One o'clock goes back to midnight, which so comes twice: the first one counts.
        ("America/Havana", "2024-11-03T04:30", "2024-11-03", "2024-11-04T05:00"),
        ("America/Havana", "2024-11-03T05:30", "2024-11-03", "2024-11-04T05:00"),
        # A minute after midnight the clocks go back to the day before; the new day goes on.
        ("America/St_Johns", "2010-11-07T02:30", "2010-11-07", "2010-11-08T03:30"),
        ("America/St_Johns", "2010-11-07T02:45", "2010-11-07", "2010-11-08T03:30"),
        # The 30th of December never was.
        ("Pacific/Apia", "2011-12-30T09:59", "2011-12-29", "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-30T10:00", "2011-12-31", "2011-12-31T10:00"),
    ],
)
def test_days_around_changing_clocks(zone: str, now: str, day: str, resets_at: str) -> None:
    found = rules(zone).day_at(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found.day == date.fromisoformat(day)
    assert found.resets_at == datetime.fromisoformat(resets_at).replace(tzinfo=UTC)


@given(
    zone=st.sampled_from(ODD_ZONES),
    now=st.floats(0, 30 * 365).map(lambda days: SINCE + timedelta(days=days)),
)
def test_every_day_ends_later_and_the_next_one_begins_just_then(zone: str, now: datetime) -> None:
    ours = rules(zone)
    today = ours.day_at(now)
    assert now < today.resets_at <= now + timedelta(hours=26)
    assert ours.day_at(today.resets_at).day > today.day
    assert ours.day_at(today.resets_at - timedelta(microseconds=1)).day == today.day
    began = ours.began(now)
    assert began <= now and ours.day_at(began).day == today.day
    assert ours.day_at(began - timedelta(microseconds=1)).day < today.day


@given(
    zone=st.sampled_from(("America/St_Johns", "America/Sao_Paulo", "America/Havana")),
    minutes=st.integers(-180, 360),
    year=st.integers(2005, 2011),
)
def test_no_day_comes_again(zone: str, minutes: int, year: int) -> None:
    ours = rules(zone)
    for month in range(1, 13):
        for first in range(1, 29):
            now = datetime(year, month, first, tzinfo=UTC) + timedelta(minutes=minutes)
            assert ours.day_at(now).day <= ours.day_at(now + timedelta(minutes=30)).day


def test_the_days_before_are_told() -> None:
    now = datetime(2026, 3, 30, 12, tzinfo=UTC)
    ours = rules("Europe/Berlin")
    assert ours.began(now) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert ours.began(now, days_ago=1) == datetime(2026, 3, 28, 23, tzinfo=UTC)
