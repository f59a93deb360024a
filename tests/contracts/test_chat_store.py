import asyncio
from datetime import timedelta

import pytest

from storage.base import Storage
from storage.records import Chat, JobState, Outcome
from tests.contracts.building import NOW, claim, end, enqueue, fetch, running_job


@pytest.mark.parametrize(
    ("chat_id", "kind", "enabled"),
    [(5, "private", True), (-5, "group", False), (-1005, "supergroup", False)],
)
async def test_only_private_chats_start_enabled(
    storage: Storage, chat_id: int, kind: str, enabled: bool
) -> None:
    async with storage.transaction() as tx:
        assert await tx.chats.get(chat_id) is None
        chat = await tx.chats.remember(chat_id, kind=kind, now=NOW)
        assert chat == Chat(chat_id, kind, enabled) == await tx.chats.get(chat_id)


async def test_remembering_refreshes_the_kind_and_leaves_the_switch(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.chats.set_enabled(-5, True, kind="group", now=NOW)
        assert await tx.chats.remember(-5, kind="supergroup", now=NOW) == Chat(
            -5, "supergroup", enabled=True
        )


async def test_a_hint_is_claimed_once_each_time_the_chat_is_off(storage: Storage) -> None:
    async with storage.transaction() as tx:
        assert await tx.chats.claim_hint(-5)  # never seen: off
        assert not await tx.chats.claim_hint(-5)
        await tx.chats.set_enabled(-5, True, kind="group", now=NOW)
        assert not await tx.chats.claim_hint(-5)
        await tx.chats.set_enabled(-5, False, kind="group", now=NOW)
        assert await tx.chats.claim_hint(-5)
        assert not await tx.chats.claim_hint(-5)
        assert not await tx.chats.claim_hint(5)  # a private chat is on


async def test_hints_at_once_are_claimed_once(storage: Storage) -> None:
    async def hint() -> bool:
        async with storage.transaction() as tx:
            return await tx.chats.claim_hint(-5)

    assert sum(await asyncio.gather(*(hint() for _ in range(10)))) == 1


async def test_notices_keep_their_distance(storage: Storage) -> None:
    async with storage.transaction() as tx:
        assert await tx.chats.claim_notice(-5, every=60, now=NOW)
        assert not await tx.chats.claim_notice(-5, every=60, now=NOW + timedelta(seconds=59))
        assert await tx.chats.claim_notice(-6, every=60, now=NOW)
        assert await tx.chats.claim_notice(-5, every=60, now=NOW + timedelta(seconds=60))


async def test_a_supergroup_inherits_the_switch_and_the_unfinished_jobs(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.chats.set_enabled(-5, True, kind="group", now=NOW)
        await tx.chats.set_enabled(-6, True, kind="group", now=NOW)
    ended = await running_job(storage, 1, chat_id=-5)
    await end(storage, ended, Outcome(JobState.SUCCEEDED, 1))
    async with storage.transaction() as tx:
        await tx.jobs.end_delivery(ended.id, delivered=True)
    job = await enqueue(storage, 2, chat_id=-5)
    elsewhere = await enqueue(storage, 2, chat_id=-6)
    async with storage.transaction() as tx:
        await tx.jobs.set_status_message(job.id, 99)
        await tx.chats.migrate(-5, -1005, now=NOW)
        assert await tx.chats.get(-1005) == Chat(-1005, "supergroup", enabled=True)
        assert await tx.chats.get(-5) is None
    moved = await fetch(storage, job.id)
    assert (moved.chat_id, moved.chat_kind) == (-1005, "supergroup")
    assert moved.status_message_id is None
    assert (await fetch(storage, ended.id)).chat_id == -5
    assert (await fetch(storage, elsewhere.id)).chat_id == -6


async def test_a_message_of_the_supergroup_is_not_taken_for_one_of_the_group(
    storage: Storage,
) -> None:
    await enqueue(storage, 2, chat_id=-1005)
    await enqueue(storage, 2, chat_id=-5)
    await enqueue(storage, 3, chat_id=-5)
    async with storage.transaction() as tx:
        await tx.chats.migrate(-5, -1005, now=NOW)
    await enqueue(storage, 3, chat_id=-1005)  # created: it is another message 3


async def test_moving_a_chat_again_changes_nothing(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.chats.set_enabled(-5, True, kind="group", now=NOW)
        await tx.chats.migrate(-5, -1005, now=NOW)
        await tx.chats.set_enabled(-1005, False, kind="supergroup", now=NOW)
        await tx.chats.migrate(-5, -1005, now=NOW)
        assert await tx.chats.get(-1005) == Chat(-1005, "supergroup", enabled=False)


async def test_an_undelivered_outcome_moves_with_the_chat(storage: Storage) -> None:
    job = await running_job(storage, 1, chat_id=-5)
    await end(storage, job, Outcome(JobState.FAILED, reason="timed_out"))
    assert await claim(storage) is None
    async with storage.transaction() as tx:
        await tx.chats.migrate(-5, -1005, now=NOW)
    assert (await fetch(storage, job.id)).chat_id == -1005


async def test_titles_and_settings_are_kept(storage: Storage) -> None:
    async with storage.transaction() as tx:
        seen = await tx.chats.remember(-5, kind="group", title="Foxes", now=NOW)
        assert seen == Chat(-5, "group", enabled=False, title="Foxes")
        await tx.chats.set_settings(-5, {"cooldown": 60})
        await tx.chats.set_enabled(-5, True, kind="group", now=NOW)
        seen = await tx.chats.remember(-5, kind="group", now=NOW)
    assert seen == Chat(-5, "group", enabled=True, title="Foxes", settings={"cooldown": 60})


async def test_settings_move_with_the_chat_unless_it_has_its_own(storage: Storage) -> None:
    async with storage.transaction() as tx:
        for chat_id in (-5, -6, -1006):
            await tx.chats.remember(chat_id, kind="group", title=f"T{chat_id}", now=NOW)
            await tx.chats.set_settings(chat_id, {"of": chat_id})
        await tx.chats.migrate(-5, -1005, now=NOW)
        await tx.chats.migrate(-6, -1006, now=NOW)
        moved, had_own = await tx.chats.get(-1005), await tx.chats.get(-1006)
    assert moved == Chat(-1005, "supergroup", enabled=False, title="T-5", settings={"of": -5})
    assert had_own is not None and had_own.settings == {"of": -1006}
