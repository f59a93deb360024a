import asyncio
from datetime import timedelta

import pytest

from storage.base import Storage
from storage.errors import InviteInvalid, Throttled
from storage.records import Invite
from tests.contracts.building import LATER, NOW, SOON, TOMORROW

DAY = timedelta(days=1)


async def test_a_ban_of_someone_never_seen_stands_until_it_is_lifted(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.users.ban(7, until=LATER, reason="spam")
        await tx.users.strike(7, counts_for=DAY, now=NOW)
        await tx.users.remember(7, username="ann", language=None, now=NOW)
        user = await tx.users.get(7)
        assert user is not None
        assert (user.banned, user.banned_until, user.ban_reason) == (True, LATER, "spam")
        await tx.users.ban(7, until=None, reason=None)
        user = await tx.users.get(7)
        assert user is not None
        assert (user.banned, user.banned_until, user.ban_reason) == (True, None, None)
        await tx.users.unban(7)
        user = await tx.users.get(7)
        assert user is not None and not user.banned and user.strikes == 0


async def test_access_is_given_and_taken(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.users.set_allowed(7, True)
        user = await tx.users.get(7)
        assert user is not None and user.allowed
        await tx.users.set_allowed(7, False)
        user = await tx.users.get(7)
        assert user is not None and not user.allowed


async def test_strikes_add_up_until_a_day_goes_by_without_one(storage: Storage) -> None:
    async with storage.transaction() as tx:
        assert await tx.users.strike(7, counts_for=DAY, now=NOW) == 1
        assert await tx.users.strike(7, counts_for=DAY, now=LATER) == 2
        await tx.users.block(7, until=TOMORROW)
        user = await tx.users.get(7)
        assert user is not None and user.blocked_until == TOMORROW
        assert await tx.users.strike(7, counts_for=DAY, now=LATER + DAY) == 1


async def test_strikes_at_once_are_all_counted(storage: Storage) -> None:
    async def strike() -> int:
        async with storage.transaction() as tx:
            return await tx.users.strike(7, counts_for=DAY, now=NOW)

    assert sorted(await asyncio.gather(*(strike() for _ in range(5)))) == [1, 2, 3, 4, 5]


async def test_a_user_is_told_once_a_minute_that_it_is_too_much(storage: Storage) -> None:
    async def claim() -> bool:
        async with storage.transaction() as tx:
            return await tx.users.claim_throttle_notice(7)

    async def too_much(now: object) -> None:
        async with storage.transaction() as tx:
            await tx.users.count_request(7, per_minute=1, now=now)
            with pytest.raises(Throttled):
                await tx.users.count_request(7, per_minute=1, now=now)

    await too_much(NOW)
    assert sum(await asyncio.gather(*(claim() for _ in range(5)))) == 1
    await too_much(NOW + timedelta(minutes=1))
    assert await claim()
    assert not await claim()


async def test_a_name_is_found_in_any_letters_and_whoever_had_it_last(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.users.set_allowed(5, True)
        await tx.users.remember(7, username="Ann_B", language=None, now=SOON)
        await tx.users.remember(8, username="ann_b", language=None, now=NOW)
        user = await tx.users.by_username("aNN_b")
        assert user is not None and user.id == 7
        assert await tx.users.by_username("ann%") is None
        assert await tx.users.by_username("annxb") is None


async def test_admins_are_those_with_a_role(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.users.set_role(9, "admin")
        await tx.users.set_role(7, "admin")
        await tx.users.set_role(8, None)
        assert await tx.users.admins() == [7, 9]


# Invites.


def invite(name: str = "abc", **changes: object) -> Invite:
    values = {"units": 5, "uses_left": 2, "expires_at": LATER, "created_by": 1}
    return Invite(token=name, **{**values, **changes})


async def add(storage: Storage, *invites: Invite) -> None:
    async with storage.transaction() as tx:
        for each in invites:
            await tx.invites.add(each, now=NOW)


async def use(storage: Storage, user_id: int, *, now: object = NOW) -> object:
    async with storage.transaction() as tx:
        return await tx.invites.use("abc", user_id, now=now)


async def test_an_invite_lets_each_person_in_once(storage: Storage) -> None:
    await add(storage, invite())
    assert await use(storage, 7) == invite()
    assert await use(storage, 7) is None
    assert await use(storage, 8) is not None
    with pytest.raises(InviteInvalid):
        await use(storage, 9)


@pytest.mark.parametrize("case", ["unknown", "too old", "revoked"])
async def test_an_invite_that_does_not_work_lets_nobody_in(storage: Storage, case: str) -> None:
    if case != "unknown":
        await add(storage, invite())
    if case == "revoked":
        async with storage.transaction() as tx:
            assert await tx.invites.revoke("abc")
            assert not await tx.invites.revoke("abc")
    with pytest.raises(InviteInvalid):
        await use(storage, 7, now=LATER if case == "too old" else NOW)
    if case == "too old":
        assert await use(storage, 7, now=NOW) is not None  # the failed try left no trace


async def test_one_use_left_and_many_at_once_let_one_in(storage: Storage) -> None:
    await add(storage, invite(uses_left=1))

    async def attempt(user_id: int) -> bool:
        try:
            return await use(storage, user_id) is not None
        except InviteInvalid:
            return False

    assert sum(await asyncio.gather(*(attempt(user) for user in range(1, 9)))) == 1


async def test_one_person_at_once_takes_one_use(storage: Storage) -> None:
    await add(storage, invite(uses_left=9))
    got = await asyncio.gather(*(use(storage, 7) for _ in range(6)))
    assert sum(each is not None for each in got) == 1
    async with storage.reading() as view:
        (left,) = await view.invites.working(limit=5, now=NOW)
        assert left.uses_left == 8


async def test_only_working_invites_are_listed(storage: Storage) -> None:
    await add(
        storage,
        invite("a"),
        invite("b", expires_at=None),
        invite("c", expires_at=NOW),
        invite("d", uses_left=0),
    )
    async with storage.reading() as view:
        assert [each.token for each in await view.invites.working(limit=9, now=NOW)] == ["a", "b"]
        assert len(await view.invites.working(limit=1, now=NOW)) == 1
