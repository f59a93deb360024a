import asyncio

from storage.base import Storage
from tests.contracts.building import NOW


async def test_the_newest_lines_come_first(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.audit.add(1, "ban", target_id=7, details={"reason": "spam"}, now=NOW)
        await tx.audit.add(1, "grant", target_id=8, now=NOW)
        await tx.audit.add(2, "unban", target_id=7, now=NOW)
    async with storage.reading() as view:
        lines = await view.audit.newest(limit=2)
        assert [line.action for line in lines] == ["unban", "grant"]
        older = await view.audit.newest(before=lines[-1].id)
        assert [(line.action, line.details, line.at) for line in older] == [
            ("ban", {"reason": "spam"}, NOW)
        ]
        assert [line.action for line in await view.audit.newest(target_id=7)] == ["unban", "ban"]


async def test_a_control_is_set_changed_and_cleared(storage: Storage) -> None:
    async with storage.transaction() as tx:
        assert await tx.controls.get("paused") is None
        await tx.controls.set("paused", {"by": "hand"}, by=1, now=NOW)
        await tx.controls.set("paused", ["segmind"], by=1, now=NOW)
        assert await tx.controls.all() == {"paused": ["segmind"]}
    async with storage.transaction() as tx:
        assert await tx.controls.clear("paused")
        assert not await tx.controls.clear("paused")
        assert await tx.controls.all() == {}


async def test_of_first_values_at_once_one_is_kept(storage: Storage) -> None:
    async def keep(value: str) -> str:
        async with storage.transaction() as tx:
            return await tx.controls.keep_first("secret", value, now=NOW)

    kept = await asyncio.gather(*(keep(value) for value in "abc"))
    assert len(set(kept)) == 1


async def test_role_locale_and_preferences_of_someone_never_seen(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.users.set_role(7, "admin")
        await tx.users.set_locale(7, "ru")
        await tx.users.set_preferences(7, {"style": "anime"})
        user = await tx.users.get(7)
        assert user is not None
        assert (user.role, user.locale, user.preferences) == ("admin", "ru", {"style": "anime"})
        await tx.users.set_role(7, None)
        assert await tx.users.get(7) != user
