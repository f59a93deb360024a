"""The scan finds a key that was left behind, and nothing in this tree."""

import secrets
import string
from pathlib import Path

import pytest

from tests.checks import secrets as scan

LETTERS = string.ascii_letters + string.digits


def word(length: int, prefix: str = "") -> str:
    """As random as a key; a digit is in each, and no run that says it is made up."""
    while True:
        found = prefix + "".join(secrets.choice(LETTERS) for _ in range(length - 1)) + "7"
        if not scan.MADE_UP.search(found):
            return found


@pytest.mark.parametrize(
    "line",
    [
        f"BOT_TOKEN=987650321:{word(35)}",
        f"url = 'https://api.telegram.org/bot'  # 987650321:{word(35)}",
        word(37, "r8_"),
        f'{{"hook": "{word(32, "whsec_")}"}}',
        f"SEGMIND_API_KEY={word(32)}",
        f'    secret_key = "{word(40)}"',
        f"Authorization: Bearer {word(40, 'sk-')}",
        "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
    ],
    ids=lambda _line: "planted",
)
def test_a_planted_key_is_found(line: str) -> None:
    assert list(scan.finds_in(f"# settings\n\n{line}\n")) == [3]


@pytest.mark.parametrize(
    "line",
    [
        "BOT_TOKEN=123456789:AAH-example-of-a-token-0123456789ab",
        "token_headers=token_headers_of_the_request",
        "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "secret_token=self._settings.webhook_secret",
    ],
)
def test_what_is_no_key_is_passed_over(line: str) -> None:
    assert list(scan.finds_in(line)) == []


def test_the_tree_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(scan.tracked()) > 500
    assert scan.main() == 0, capsys.readouterr().out


def test_a_file_that_git_would_take_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = tmp_path / ".env"
    planted.write_text(f"NEBULA_API_KEY={word(40)}\n")
    monkeypatch.setattr(scan, "ROOT", tmp_path)
    monkeypatch.setattr(scan, "tracked", lambda: [planted])
    assert scan.main() == 1
    shown = capsys.readouterr().out
    assert shown.startswith(".env:1:") and planted.read_text().partition("=")[2] not in shown
