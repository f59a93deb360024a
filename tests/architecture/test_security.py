"""docs/security.md names tests that there are, for every threat; and what it says of defaults."""

import ipaddress
import re

import pytest

from bot.settings import Settings
from bot.usecases.invites import TOKEN_BYTES
from tests.architecture.naming import ROOT, exists

ROWS = [
    line.split("|")[1:-1]
    for line in (ROOT / "docs" / "security.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| threat")
]
NAMED = re.compile(r"`(tests/[\w/]+\.py::\w+)`")


def test_the_threats_are_found() -> None:
    assert len(ROWS) >= 20


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip()[:40])
def test_every_answer_has_its_tests(row: list[str]) -> None:
    names = NAMED.findall(row[2])
    assert names and all(map(exists, names)), [name for name in names if not exists(name)]


def test_what_listens_is_on_loopback_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HTTP_HOST", raising=False)
    assert ipaddress.ip_address(Settings(_env_file=None).http_host).is_loopback


def test_an_invite_cannot_be_guessed() -> None:
    """At a million tries a second over a million years, of a million links: one in 10^3."""
    assert TOKEN_BYTES * 8 >= 96
