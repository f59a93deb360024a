"""What admins type after a command; and how long a pause for strikes is."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.orders import MOST_UNITS, read_ban, read_grant, read_invite, read_limit
from bot.usecases.errors import BadOrder
from bot.usecases.invites import Offer
from bot.usecases.strikes import LONGEST_PAUSE, Strikes
from storage.records import UNLIMITED

WORDS = st.lists(
    st.text(alphabet="0123456789+-dhforev\u0661 x", min_size=1, max_size=8), max_size=4
)


@pytest.mark.parametrize(("words", "units"), [("5", 5), ("+5", 5), ("-5", -5), ("1000000", 10**6)])
def test_a_grant(words: str, units: int) -> None:
    assert read_grant(words.split()) == units


@pytest.mark.parametrize("words", ["", "0", "1000001", "five", "5 6", "5.0", "\u0665", "9" * 30])
def test_what_is_no_grant(words: str) -> None:
    with pytest.raises(BadOrder) as refused:
        read_grant(words.split())
    assert refused.value.command == "grant"


@pytest.mark.parametrize(
    ("words", "limit"),
    [("0", 0), ("50", 50), ("default", None), ("Unlimited", UNLIMITED), ("1000000", MOST_UNITS)],
)
def test_a_limit(words: str, limit: int | None) -> None:
    assert read_limit(words.split()) == limit


@pytest.mark.parametrize("words", ["", "-1", "many", "5 6", "1000001"])
def test_what_is_no_limit(words: str) -> None:
    with pytest.raises(BadOrder):
        read_limit(words.split())


@pytest.mark.parametrize(
    ("words", "lasts", "reason"),
    [
        ("", None, None),
        ("2d", timedelta(days=2), None),
        ("2h sends spam", timedelta(hours=2), "sends spam"),
        ("forever he knows why", None, "he knows why"),
        ("sends spam 2h", None, "sends spam 2h"),
    ],
)
def test_a_ban(words: str, lasts: timedelta | None, reason: str | None) -> None:
    assert read_ban(words.split()) == (lasts, reason)


@pytest.mark.parametrize(
    ("words", "offer"),
    [
        ("", Offer(0, 1, timedelta(days=7))),
        ("20", Offer(20, 1, timedelta(days=7))),
        ("20 5", Offer(20, 5, timedelta(days=7))),
        ("20 5 3d", Offer(20, 5, timedelta(days=3))),
        ("3d", Offer(0, 1, timedelta(days=3))),
        ("0 100 forever", Offer(0, 100, None)),
    ],
)
def test_an_invite(words: str, offer: Offer) -> None:
    assert read_invite(words.split()) == offer


@pytest.mark.parametrize("words", ["x", "1 0", "-1", "1 2 3", "1 10001", "1000001", "3d 5"])
def test_what_is_no_invite(words: str) -> None:
    with pytest.raises(BadOrder):
        read_invite(words.split())


@given(WORDS)
def test_whatever_is_typed_is_read_or_refused(words: list[str]) -> None:
    for read in (read_grant, read_limit, read_invite, read_ban):
        try:
            read(words)
        except BadOrder:
            continue


def test_a_pause_doubles_with_each_further_strike_up_to_a_day() -> None:
    strikes = Strikes(before_pause=3, first_pause=timedelta(minutes=10))
    assert [(s.left, s.pause / 60) for s in map(strikes.after, range(1, 6))] == [
        (2, 10), (1, 10), (0, 10), (0, 20), (0, 40),
    ]  # fmt: skip
    assert strikes.after(10_000).pause == LONGEST_PAUSE.total_seconds()
