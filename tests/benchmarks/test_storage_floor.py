"""The benchmark compares like with like: what the driver says again leaves the same books."""

from contextlib import AbstractAsyncContextManager

import pytest

from benchmarks import storage_floor
from benchmarks.storage_floor import Setting, compare, measure, on_postgres, on_sqlite
from benchmarks.storage_steps import CPU, WHOLE
from tests.storage.databases import POSTGRES_URL


def opened(server: str) -> AbstractAsyncContextManager[Setting]:
    return on_sqlite(None, 2) if server == "sqlite" else on_postgres(POSTGRES_URL or "", 2)


@pytest.mark.parametrize(
    "server", ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])]
)
async def test_the_bare_driver_does_the_same(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_floor, "HISTORY", 10)
    monkeypatch.setattr(storage_floor, "WARM_UP", 1)
    async with opened(server) as setting:  # raises at its end where the books differ
        kept = await measure(setting)
    steps = setting.scripts[-1].steps.keys() | {WHOLE, CPU}
    assert all(watch.times.keys() == steps for watch in kept.values())
    assert len(kept["ours"].times[WHOLE]) == 2


def test_other_books_are_told() -> None:
    with pytest.raises(RuntimeError, match="sqlite3"):
        compare({"noted": [[(1,)]], "sqlite3": [[(2,)]]})
