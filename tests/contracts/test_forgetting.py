"""After someone is forgotten no table names them; back again, they are who they were to the bot."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, case, func, insert, make_url, select

from bot.usecases.emptied import STUB
from bot.usecases.entry import Entry, EntryRules, Visitor
from bot.usecases.errors import Banned
from bot.usecases.forget import ForgetMe, Forgotten
from bot.usecases.recall import recall
from bot.usecases.spec import JobSpec
from storage.base import Storage
from storage.blobs import FileBlobs
from storage.errors import PictureMissing, QuotaExceeded
from storage.migrate import transact
from storage.records import DeliveryState, Invite, JobState, Outcome
from storage.tables import accounts, broadcasts, drafts, ledger, metadata
from tests.contracts.building import NOW, end, enqueue, fetch, new_artifact, new_job, running_job
from tests.contracts.test_quota_store import TODAY, reserve, settle, view
from tests.fakes.clock import FakeClock

PERSON = 7_654_321_098  # found nowhere by chance
ADMIN = 5
WORDS = "a secret wish"
VISITOR = Visitor(PERSON, PERSON, "secret_name", "Secretia", "de")
GROUP = -100_777


class Forgetting:
    def __init__(self, storage: Storage, folder: Path) -> None:
        self.clock = FakeClock(NOW)
        self.blobs = FileBlobs(folder)
        self.stopped: list[int] = []
        self.forget = ForgetMe(storage, self.blobs, self.clock, stop_running=self.stopped.append)
        self.entry = Entry(storage, EntryRules(), self.clock)

    async def __call__(self) -> Forgotten:
        return await self.forget(PERSON)


@pytest.fixture
def forgetting(storage: Storage, tmp_path: Path) -> Forgetting:
    return Forgetting(storage, tmp_path / "pictures")


def spec(**inputs: Any) -> dict[str, Any]:
    whole = STUB
    wish = whole.wish.model_copy(update={"prompt": WORDS})
    return whole.model_copy(update={"wish": wish}).dump() | inputs


async def with_sql(database_url: str, work: Callable[[Connection], Any]) -> Any:
    return await asyncio.to_thread(transact, make_url(database_url), work)


async def everything(database_url: str) -> str:
    """All that is stored, as text."""

    def read(sql: Connection) -> str:
        return "\n".join(
            f"{table.name}: {row}"
            for table in metadata.sorted_tables
            for row in sql.execute(select(table))
        )

    return await with_sql(database_url, read)


async def write_what_has_no_store_here(database_url: str) -> None:
    draft = {"chat_id": PERSON, "user_id": PERSON, "kind": "words", "data": {"prompt": WORDS}}
    broadcast = {
        "actor_id": PERSON,
        "chat_id": PERSON,
        "message_id": 1,
        "state": "done",
        "after_user_id": PERSON,
    }

    def write(sql: Connection) -> None:
        sql.execute(insert(drafts).values(**draft, created_at=NOW))
        sql.execute(insert(broadcasts).values(**broadcast, created_at=NOW))

    await with_sql(database_url, write)


async def leave_traces(storage: Storage, database_url: str, blobs: FileBlobs) -> tuple[str, str]:
    """Everywhere; returns the keys of a picture that is theirs alone and of one that is not."""
    own, shared = await blobs.put(b"own"), await blobs.put(b"shared")
    async with storage.transaction() as tx:
        await tx.users.remember(
            PERSON, username=VISITOR.username, name=VISITOR.name, language="de", now=NOW
        )
        await tx.users.set_preferences(PERSON, {"style": WORDS})
        await tx.users.set_locale(PERSON, "ru")
        await tx.users.count_request(PERSON, per_minute=9, now=NOW)
        await tx.chats.claim_notice(PERSON, every=60, now=NOW)
        await tx.audit.add(ADMIN, "grant", target_id=PERSON, details={"units": 1}, now=NOW)
        await tx.audit.add(PERSON, "ban", target_id=ADMIN, now=NOW)
        await tx.controls.set("paused", ["x"], by=PERSON, now=NOW)
        await tx.invites.add(Invite("theirs", 1, 1, None, PERSON), now=NOW)
        await tx.invites.add(Invite("used", 1, 5, None, ADMIN), now=NOW)
        await tx.invites.use("used", PERSON, now=NOW)
    await write_what_has_no_store_here(database_url)
    done = await running_job(storage, 1, user_id=PERSON, chat_id=PERSON, spec=spec())
    async with storage.transaction() as tx:
        await tx.artifacts.add(done.id, "lease-1", new_artifact(0, sha256=own), now=NOW)
        await tx.artifacts.add(done.id, "lease-1", new_artifact(1, sha256=shared), now=NOW)
    await end(storage, done, Outcome(JobState.SUCCEEDED, reason_data={"notes": [WORDS]}))
    async with storage.transaction() as tx:
        await tx.jobs.set_status_message(done.id, 99)
        await tx.quotas.grant(PERSON, 5, now=NOW)
        await tx.quotas.reserve(PERSON, done.id, 2, day=TODAY, now=NOW)
        await tx.quotas.settle(done.id, 1, now=NOW)
    given = {"inputs": {"init": [{"key": shared, "width": 1, "height": 1}]}}
    await enqueue(storage, 50, user_id=ADMIN, spec=spec() | given)
    return own, shared


async def test_no_table_names_them_any_more(
    storage: Storage, database_url: str, forgetting: Forgetting
) -> None:
    own, shared = await leave_traces(storage, database_url, forgetting.blobs)
    await enqueue(storage, 60, user_id=ADMIN, chat_id=200, spec=spec())  # has the same words
    traces = (str(PERSON), "secret_name", "Secretia")
    before = await everything(database_url)
    assert all(trace in before for trace in traces)
    forgotten = await forgetting()
    after = await everything(database_url)
    for trace in traces:
        assert [line for line in after.splitlines() if trace in line] == []
    assert after.count(WORDS) == 2 and own not in after  # somebody else's two requests
    assert (forgotten.jobs, forgotten.pictures) == (1, 1)
    with pytest.raises(PictureMissing):
        await forgetting.blobs.get(own)
    assert await forgetting.blobs.get(shared) == b"shared"
    assert [(m.chat_id, m.message_id) for m in forgotten.open_messages] == [(PERSON, 99)]


async def test_what_runs_is_canceled_and_not_charged(
    storage: Storage, forgetting: Forgetting
) -> None:
    async with storage.transaction() as tx:
        running, _ = await tx.jobs.enqueue(
            new_job(1, user_id=PERSON, chat_id=GROUP, spec=spec()), now=NOW
        )
        await tx.quotas.reserve(PERSON, running.id, 3, day=TODAY, now=NOW)
        claimed = await tx.jobs.claim(
            lease="l", lease_until=NOW, providers=["local"], max_running_per_user=9, now=NOW
        )
        assert claimed is not None
        await tx.jobs.set_status_message(running.id, 42)
        queued, _ = await tx.jobs.enqueue(
            new_job(2, user_id=PERSON, chat_id=PERSON, spec=spec()), now=NOW
        )
    forgotten = await forgetting()
    assert forgetting.stopped == [running.id, queued.id]
    assert not await end(storage, claimed, Outcome(JobState.SUCCEEDED, units=3))
    for job_id in (running.id, queued.id):
        job = await fetch(storage, job_id)
        assert (job.state, job.delivery) == (JobState.CANCELED, DeliveryState.UNDELIVERABLE)
        assert JobSpec.load(job.spec) == STUB and job.user_id < -(2**62)
    assert (await fetch(storage, running.id)).chat_id == GROUP
    assert {m.message_id for m in forgotten.open_messages} == {42, None}
    await forgetting.entry.admit(VISITOR)
    assert (await view(storage, user_id=PERSON)).daily_left == 10


async def test_being_forgotten_is_no_way_around_a_quota_or_a_ban(
    storage: Storage, forgetting: Forgetting
) -> None:
    await forgetting.entry.admit(VISITOR)
    async with storage.transaction() as tx:
        await tx.quotas.grant(PERSON, 5, now=NOW)
        await tx.quotas.set_limit(PERSON, 8)
        await tx.users.set_allowed(PERSON, True)
        await tx.users.strike(PERSON, counts_for=timedelta(days=1), now=NOW)
        await tx.users.block(PERSON, until=NOW + timedelta(hours=1))
        await tx.users.ban(PERSON, until=NOW + timedelta(days=2), reason="spam")
    await settle(storage, await reserve(storage, 1, 8, user_id=PERSON), 8)
    before = await view(storage, user_id=PERSON)
    async with storage.reading() as tx:
        known = await tx.users.get(PERSON)
    for _ in range(2):  # a second time, too, and without having been back
        await forgetting()
        await forgetting()
        with pytest.raises(Banned) as refused:
            await forgetting.entry.admit(VISITOR)
        assert refused.value.reason == "spam" and refused.value.seconds == 2 * 86400
        assert await view(storage, user_id=PERSON) == before
        async with storage.reading() as tx:
            assert await tx.users.get(PERSON) == known


async def test_an_invite_used_before_is_used_after_as_well(
    storage: Storage, forgetting: Forgetting
) -> None:
    async with storage.transaction() as tx:
        await tx.invites.add(Invite("used", 1, 5, None, ADMIN), now=NOW)
        assert await tx.invites.use("used", PERSON, now=NOW) is not None
    await forgetting()
    await forgetting.entry.admit(VISITOR)
    async with storage.transaction() as tx:
        assert await tx.invites.use("used", PERSON, now=NOW) is None


async def test_the_ledger_adds_up_for_whoever_comes_and_goes(
    storage: Storage, database_url: str, forgetting: Forgetting
) -> None:
    for turn in range(3):
        await grant_to(storage, 4)
        await settle(storage, await reserve(storage, 10 + turn, 3, user_id=PERSON), 2)
        await forgetting()
        await forgetting.entry.admit(VISITOR)

    def sums(sql: Connection) -> list[Any]:
        sign = case(
            (ledger.c.kind.in_(["grant", "transfer_in"]), 1),
            (ledger.c.kind.in_(["capture", "transfer_out", "revoke"]), -1),
            else_=0,
        )
        extra = func.sum(sign * ledger.c.extra)
        return [
            [tuple(row) for row in sql.execute(query)]
            for query in (
                select(ledger.c.user_id, extra).group_by(ledger.c.user_id),
                select(accounts.c.user_id, accounts.c.extra),
            )
        ]

    of_ledger, of_accounts = await with_sql(database_url, sums)
    assert dict(of_ledger) == dict(of_accounts) and len(of_accounts) == 2
    assert dict(of_accounts)[PERSON] == 12
    assert (await view(storage, user_id=PERSON)).daily_left == 4


async def grant_to(storage: Storage, units: int) -> None:
    async with storage.transaction() as tx:
        await tx.quotas.grant(PERSON, units, now=NOW)


async def test_requests_while_being_forgotten_are_paid_out_of_the_same_quota(
    storage: Storage, forgetting: Forgetting
) -> None:
    await forgetting.entry.admit(VISITOR)
    await settle(storage, await reserve(storage, 1, 6, user_id=PERSON), 6)

    async def ask(number: int) -> bool:
        """As the use case does it."""
        try:
            async with storage.transaction() as tx:
                job, _ = await tx.jobs.enqueue(
                    new_job(number, user_id=PERSON, spec=spec()), queued_limit=50, now=NOW
                )
                await recall(tx, PERSON, NOW)
                await tx.users.remember(PERSON, username=None, language=None, now=NOW)
                await tx.quotas.reserve(PERSON, job.id, 4, day=TODAY, now=NOW)
        except QuotaExceeded:
            return False
        return True

    asked = [ask(number) for number in range(2, 6)]
    await asyncio.gather(asked[0], forgetting(), *asked[1:])
    await forgetting.entry.admit(VISITOR)
    left = await view(storage, user_id=PERSON)
    assert left.daily_left in {0, 4} and left.daily_left + left.held <= 4
