"""Quiet hours, pauses and deletions by the clock, pure; and settings read from what another wrote."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.texts import chat_settings as texts
from bot.usecases.chat_settings import ChatSettings, Nsfw
from bot.usecases.errors import CoolingDown, QuietHours

BERLIN = ZoneInfo("Europe/Berlin")


def at(hour: int, minute: int = 0, *, day: int = 14, month: int = 1) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "hour", "until"),
    [
        ((22, 8), 21, None), ((22, 8), 22, 8), ((22, 8), 3, 8), ((22, 8), 8, None),
        ((0, 8), 0, 8), ((0, 8), 23, None), ((13, 15), 14, 15), ((13, 15), 15, None),
        ((22, 0), 23, 0), ((22, 0), 0, None),
    ],
)  # fmt: skip
def test_quiet_hours(quiet: tuple[int, int], hour: int, until: int | None) -> None:
    ends = ChatSettings(quiet=quiet).quiet_until(at(hour, 30), BERLIN)
    assert (ends.hour if ends else None) == until
    if ends is not None:
        assert timedelta(0) < ends - at(hour, 30) <= timedelta(hours=10)
        assert f"{until:02}:00 (Europe/Berlin)" in texts.quiet_hours(QuietHours(ends))


@pytest.mark.parametrize(("day", "month", "hours"), [(28, 3, 9), (24, 10, 11)])
def test_quiet_hours_over_a_change_of_clocks(day: int, month: int, hours: int) -> None:
    now = at(22, day=day, month=month)
    ends = ChatSettings(quiet=(22, 8)).quiet_until(now, BERLIN)
    assert ends is not None and ends.hour == 8
    assert ends.astimezone(UTC) - now == timedelta(hours=hours)


def test_a_pause_is_told_in_whole_units() -> None:
    assert "in 42 s." in texts.cooling_down(CoolingDown(42))


def test_a_result_is_deleted_while_it_can_be() -> None:
    sent, now = at(8), at(9)
    assert ChatSettings().delete_at(sent, now) is None
    assert ChatSettings(auto_delete=30).delete_at(sent, now) == now + timedelta(minutes=30)
    latest = ChatSettings(auto_delete=2820).delete_at(sent, now)
    assert latest == sent + timedelta(hours=47)


def test_what_another_version_wrote_is_read_as_far_as_it_can_be() -> None:
    stored = {"cooldown": -1, "style": "anime", "moon": "full", "quiet": [22, 99], "who": "x"}
    assert ChatSettings.load(stored) == ChatSettings(style="anime")
    assert ChatSettings.load(None) == ChatSettings()


def test_nothing_chosen_is_nothing_stored() -> None:
    assert ChatSettings().dump() == {}
    chosen = ChatSettings(ratio=(16, 9), quiet=(22, 8), nsfw=Nsfw.SPOILER, topics=(0, 7))
    assert ChatSettings.load(chosen.dump()) == chosen
