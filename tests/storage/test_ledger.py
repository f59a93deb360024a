"""Any order of holds, captures, releases, grants, revokes, limits, resets, transfers and days keeps
every account in order.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import make_url

from storage.engine import open_storage
from storage.errors import QuotaExceeded
from storage.sqlite import connect
from tests.contracts.building import NOW, TODAY, new_job, quota_day
from tests.storage.databases import copy_sqlite

SIGN = {
    "grant": (0, 0, 1, 0),
    "hold": (0, 1, 0, 1),
    "release": (0, -1, 0, -1),
    "capture": (1, -1, -1, -1),
    "revoke": (0, 0, -1, 0),
    "reset": (-1, 0, 0, 0),
}
TRANSFERRED = {"transfer_out": -1, "transfer_in": 1}
COUNTER = itertools.count(1)


def signs(kind: str, job_id: int | None) -> tuple[int, int, int, int]:
    """What a line does to spent, held, extra and extra_held units."""
    if kind in SIGN:
        return SIGN[kind]
    sign = TRANSFERRED[kind]
    return (sign, 0, sign, 0) if job_id is None else (0, sign, 0, sign)


class Accounts(RuleBasedStateMachine):
    """One user of its own a run; `url` and `runner` are set by the test."""

    url: str
    runner: asyncio.Runner

    reservations = Bundle("reservations")

    def __init__(self) -> None:
        super().__init__()
        self.user = next(COUNTER)
        self.days = 0
        self.limit = 10
        self.own_limit: int | None = None
        self.used = 0  # of the daily units, when last seen
        self.held: dict[int, int] = {}
        self.charged = 0

    @property
    def day(self):
        return quota_day(self.limit, TODAY + timedelta(days=self.days))

    def run(self, work):
        async def transact():
            async with self.storage.transaction() as tx:
                return await work(tx)

        return self.runner.run(transact())

    @rule(target=reservations, units=st.integers(1, 6))
    def reserve(self, units: int):
        before = self.view()

        async def work(tx):
            number = next(COUNTER)
            job, _ = await tx.jobs.enqueue(new_job(number, user_id=self.user), now=NOW)
            await tx.quotas.reserve(self.user, job.id, units, day=self.day, now=NOW)
            return job.id

        try:
            job_id = self.run(work)
        except QuotaExceeded:
            assert before.left < units
            assert self.view() == before
            return multiple()
        assert self.view().left == before.left - units
        self.held[job_id] = units
        return job_id

    @rule(job_id=reservations, units=st.integers(0, 7))
    def settle(self, job_id: int, units: int) -> None:
        first = self.run(lambda tx: tx.quotas.settle(job_id, units, now=NOW))
        assert first == (job_id in self.held)
        self.charged += min(units, self.held.pop(job_id, 0))

    @rule(units=st.integers(1, 5))
    def grant(self, units: int) -> None:
        self.run(lambda tx: tx.quotas.grant(self.user, units, now=NOW))

    @rule(units=st.integers(1, 5))
    def revoke(self, units: int) -> None:
        before = self.view()
        taken = self.run(lambda tx: tx.quotas.revoke(self.user, units, now=NOW))
        assert taken == min(units, before.extra_left)
        assert self.view().extra_left == before.extra_left - taken

    @rule()
    def reset(self) -> None:
        before = self.view()
        forgiven = self.run(lambda tx: tx.quotas.reset(self.user, day=self.day, now=NOW))
        assert forgiven >= self.view().daily_left - before.daily_left >= 0

    @rule()
    def night_falls(self) -> None:
        self.days += 1

    @rule(existing=st.booleans(), again=st.booleans())
    def move(self, existing: bool, again: bool) -> None:
        """Everything goes on under another id, which may have spent and been given something."""
        old, self.user = self.user, next(COUNTER)
        if existing:
            self.reserve(2)
            self.grant(1)
        was = [self.totals(old), self.totals(self.user)]
        for _ in range(1 + again):
            self.run(lambda tx: tx.quotas.transfer(old, self.user, now=NOW))
        assert self.totals(self.user) == [sum(units) for units in zip(*was, strict=True)]
        assert self.totals(old) == [0, 0, 0]
        ((self.used,),) = self.rows("SELECT spent + held FROM quota_accounts") or [(0,)]
        self.charged = 0  # what was charged before stands in the old account's lines

    def totals(self, user: int) -> list[int]:
        """Used today, extra, and held of these."""
        accounts = self.raw.execute(
            "SELECT day, spent + held, extra, extra_held FROM quota_accounts WHERE user_id = ?",
            (user,),
        )
        today = str(self.day.day)
        return next(([used * (day == today), *extra] for day, used, *extra in accounts), [0, 0, 0])

    @rule(limit=st.integers(0, 15))
    def change_limit(self, limit: int) -> None:
        self.limit = limit

    @rule(limit=st.none() | st.integers(0, 15))
    def set_limit(self, limit: int | None) -> None:
        self.own_limit = limit
        self.run(lambda tx: tx.quotas.set_limit(self.user, limit))

    @property
    def allowance(self) -> int:
        return self.limit if self.own_limit is None else self.own_limit

    def view(self):
        return self.run(lambda tx: tx.quotas.view(self.user, day=self.day))

    @invariant()
    def nothing_is_negative_or_over_the_limit(self) -> None:
        view = self.view()
        assert min(view.daily_left, view.extra_left, view.held) >= 0
        assert view.daily_limit == self.allowance and view.daily_left <= self.allowance
        account = self.rows("SELECT day, spent, held, extra, extra_held FROM quota_accounts")
        for _, spent, held, extra, extra_held in account:
            assert min(spent, held, extra_held) >= 0
            assert spent + held <= max(self.allowance, self.used)  # a limit may be lowered under it
            self.used = spent + held
            assert extra_held <= extra

    @invariant()
    def the_ledger_adds_up(self) -> None:
        daily: Counter[str] = Counter()
        extra: Counter[str] = Counter()
        lines = self.rows("SELECT kind, day, daily, extra, job_id FROM ledger")
        accounts = self.rows("SELECT day, spent, held, extra, extra_held FROM quota_accounts")
        for kind, day, daily_units, extra_units, job_id in lines:
            spent, held, had, extra_held = signs(kind, job_id)
            if accounts and day == accounts[0][0]:
                daily.update(spent=spent * daily_units, held=held * daily_units)
            extra.update(had=had * extra_units, held=extra_held * extra_units)
        for _, *amounts in accounts:
            assert amounts == [daily["spent"], daily["held"], extra["had"], extra["held"]]
        captured = sum(line[2] + line[3] for line in lines if line[0] == "capture")
        assert captured == self.charged

    def rows(self, query: str) -> list[tuple]:
        return self.raw.execute(f"{query} WHERE user_id = ?", (self.user,)).fetchall()


@pytest.fixture
def machine(sqlite_file: Path, tmp_path: Path) -> Iterator[type[Accounts]]:
    url = copy_sqlite(sqlite_file, tmp_path)
    with asyncio.Runner() as runner:
        storage = runner.run(open_storage(url))
        raw = connect(Path(make_url(url).database or ""))
        yield type("Accounts", (Accounts,), {"storage": storage, "runner": runner, "raw": raw})
        raw.close()
        runner.run(storage.close())


def test_accounts_and_ledger_agree(machine: type[Accounts]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
