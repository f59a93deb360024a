"""A person's own units first, then the chat's shared ones; of a job's units one account pays all."""

import asyncio
from zoneinfo import ZoneInfo

import pytest

from bot.usecases.errors import PoolUsedUp
from bot.usecases.payer import Payer
from bot.usecases.quotas import QuotaRules
from storage.base import Storage
from storage.errors import QuotaExceeded
from storage.records import Job
from tests.contracts.building import NOW, fetch, new_job

CHAT = -1005


def payer(own: int = 2, pool: int = 3) -> Payer:
    return Payer(QuotaRules(own, ZoneInfo("UTC")), chat_daily_quota=pool)


async def ask(storage: Storage, who: Payer, number: int, *, user: int = 1, cost: int = 1) -> Job:
    async with storage.transaction() as tx:
        new = new_job(number, user_id=user, chat_id=CHAT, cost=cost)
        job, _ = await tx.jobs.enqueue(new, now=NOW)
        return await who.hold(tx, job, NOW)


async def left(storage: Storage, who: Payer) -> tuple[int, int]:
    """Of user 1, and of the pool."""
    async with storage.reading() as view:
        pool = await who.pool(view, CHAT, NOW)
        own = await view.quotas.view(1, day=who._rules.day_at(NOW))
    return own.left, pool.left if pool else 0


async def test_own_units_go_first_and_the_pool_pays_what_they_cannot(storage: Storage) -> None:
    who = payer()
    assert not (await ask(storage, who, 1)).pooled
    dear = await ask(storage, who, 2, cost=2)  # one own unit is left: the pool pays both
    assert dear.pooled and await fetch(storage, dear.id) == dear
    assert await left(storage, who) == (1, 1)
    async with storage.transaction() as tx:
        assert await tx.quotas.settle(dear.id, 1, now=NOW)
    assert await left(storage, who) == (1, 2)


async def test_both_used_up_says_both_and_holds_nothing(storage: Storage) -> None:
    who = payer(own=1, pool=2)
    with pytest.raises(PoolUsedUp) as refused:
        await ask(storage, who, 1, cost=3)
    error = refused.value
    assert (error.needed, error.left, error.pool_left) == (3, 1, 2)
    assert await left(storage, who) == (1, 2)


async def test_without_a_pool_the_refusal_speaks_of_none(storage: Storage) -> None:
    who = payer(own=0, pool=0)
    with pytest.raises(QuotaExceeded):
        await ask(storage, who, 1)


async def test_a_pool_may_live_of_extra_units_alone(storage: Storage) -> None:
    who = payer(own=0, pool=0)
    async with storage.transaction() as tx:
        await tx.quotas.grant(CHAT, 1, now=NOW)
    assert (await ask(storage, who, 1)).pooled
    with pytest.raises(PoolUsedUp):
        await ask(storage, who, 2)


async def test_a_private_chat_has_no_pool(storage: Storage) -> None:
    async with storage.reading() as view:
        assert await payer().pool(view, 5, NOW) is None


async def test_twenty_at_once_on_a_pool_of_one(storage: Storage) -> None:
    who = payer(own=0, pool=1)
    asked = [ask(storage, who, number, user=number) for number in range(1, 21)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, Job) for each in answers) == 1
    assert sum(isinstance(each, PoolUsedUp) for each in answers) == 19
    assert await left(storage, who) == (0, 0)
