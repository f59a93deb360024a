import asyncio
from datetime import timedelta

import pytest

from storage.base import Storage
from storage.records import VerdictCount
from tests.contracts.building import TODAY


def counted(count: int = 1, **changes: object) -> VerdictCount:
    fields = {"day": TODAY, "source": "replicate", "stage": "image", "status": "blocked"}
    return VerdictCount(**{**fields, **changes}, count=count)


async def test_what_is_alike_is_added_up(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.verdicts.count(counted())
        await tx.verdicts.count(counted(3))
        assert await tx.verdicts.since(TODAY) == [counted(4)]


@pytest.mark.parametrize(
    "other",
    [
        counted(day=TODAY + timedelta(days=1)),
        counted(source="segmind"),
        counted(stage="prompt"),
        counted(status="unchecked"),
    ],
)
async def test_what_differs_is_counted_apart(storage: Storage, other: VerdictCount) -> None:
    async with storage.transaction() as tx:
        await tx.verdicts.count(counted())
        await tx.verdicts.count(other)
    async with storage.reading() as tx:
        found = await tx.verdicts.since(TODAY)
    assert len(found) == 2 and counted() in found and other in found


async def test_earlier_days_stay_out_and_days_come_in_order(storage: Storage) -> None:
    days = [TODAY + timedelta(days=offset) for offset in (2, -1, 0, 1)]
    async with storage.transaction() as tx:
        for day in days:
            await tx.verdicts.count(counted(day=day))
        assert [found.day for found in await tx.verdicts.since(TODAY)] == sorted(days)[1:]


async def test_a_count_that_was_rolled_back_is_none(storage: Storage) -> None:
    async def counted_in_vain() -> None:
        async with storage.transaction() as tx:
            await tx.verdicts.count(counted())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await counted_in_vain()
    async with storage.reading() as tx:
        assert await tx.verdicts.since(TODAY) == []


async def test_counts_at_once_are_all_kept(storage: Storage) -> None:
    async def count() -> None:
        async with storage.transaction() as tx:
            await tx.verdicts.count(counted())

    await asyncio.gather(*(count() for _ in range(20)))
    async with storage.reading() as tx:
        assert await tx.verdicts.since(TODAY) == [counted(20)]


@pytest.mark.parametrize("wrong", [{"stage": "video"}, {"status": "allowed"}, {"count": 0}])
async def test_only_what_stepped_in_can_be_counted(storage: Storage, wrong: dict[str, str]) -> None:
    with pytest.raises(Exception, match=r"(?i)check"):
        async with storage.transaction() as tx:
            await tx.verdicts.count(counted(**wrong))
