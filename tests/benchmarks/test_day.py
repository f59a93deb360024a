"""The benchmark's hour: it comes to its end, and its books would tell what is lost."""

import sqlite3
from pathlib import Path

import aiosqlite
import pytest

from benchmarks.day import spend_a_day
from benchmarks.day_books import FAULTS, faults
from tests.fakes.jumping_loop import JumpingLoop, counted


@pytest.mark.slow
def test_an_hour_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted(aiosqlite.Connection._execute))
    loop = JumpingLoop()
    loop.run_until_complete(spend_a_day(tmp_path, deeds=40, hours=1, path=None))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    assert "whom nobody answered: 0" in capsys.readouterr().out
    assert faults(tmp_path / "bot.db") == dict.fromkeys(FAULTS, 0)
    with sqlite3.connect(tmp_path / "bot.db") as raw:
        raw.execute("UPDATE quota_accounts SET spent = spent + 1")
    raw.close()
    assert faults(tmp_path / "bot.db")["accounts that disagree with the ledger"] > 0
