import asyncio
from dataclasses import replace

from storage.base import Storage
from storage.records import Draft, NewDraft
from tests.contracts.building import LATER, NOW, SOON

QUESTION = NewDraft(chat_id=-7, user_id=1, thread_id=3, kind="edit", data={"job": 5, "é": [None]})


async def created(storage: Storage, new: NewDraft = QUESTION) -> Draft:
    async with storage.transaction() as tx:
        return await tx.drafts.create(new, now=NOW)


async def test_a_draft_is_kept_as_it_was_given(storage: Storage) -> None:
    draft = await created(storage)
    assert (draft.chat_id, draft.user_id, draft.thread_id) == (-7, 1, 3)
    assert (draft.kind, draft.data, draft.message_id) == ("edit", {"job": 5, "é": [None]}, None)
    assert draft.created_at == NOW
    async with storage.reading() as view:
        assert await view.drafts.get(draft.id) == draft
        assert await view.drafts.get(draft.id + 1) is None


async def test_a_draft_is_found_by_its_message_in_its_chat(storage: Storage) -> None:
    draft = await created(storage)
    async with storage.transaction() as tx:
        assert await tx.drafts.set_message(draft.id, 40)
        assert await tx.drafts.set_data(draft.id, {"job": 6})
    async with storage.reading() as view:
        expected = replace(draft, message_id=40, data={"job": 6})
        assert await view.drafts.of_message(-7, 40) == expected
        assert await view.drafts.of_message(-8, 40) is None
        assert await view.drafts.of_message(-7, 41) is None


async def test_the_newest_draft_of_a_message_counts(storage: Storage) -> None:
    await created(storage, replace(QUESTION, message_id=40))
    second = await created(storage, replace(QUESTION, message_id=40))
    async with storage.reading() as view:
        assert await view.drafts.of_message(-7, 40) == second


async def test_what_is_deleted_can_be_changed_no_more(storage: Storage) -> None:
    draft = await created(storage)
    async with storage.transaction() as tx:
        assert await tx.drafts.delete(draft.id)
        assert not await tx.drafts.set_message(draft.id, 40)
        assert not await tx.drafts.set_data(draft.id, {})
        assert await tx.drafts.get(draft.id) is None


async def test_of_many_who_take_a_draft_one_gets_it(storage: Storage) -> None:
    draft = await created(storage)

    async def take() -> bool:
        async with storage.transaction() as tx:
            return await tx.drafts.delete(draft.id)

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [False] * 4 + [True]


async def test_old_drafts_are_dropped(storage: Storage) -> None:
    old = await created(storage)
    async with storage.transaction() as tx:
        young = await tx.drafts.create(QUESTION, now=LATER)
        assert await tx.drafts.drop_older(SOON) == 1
        assert await tx.drafts.get(old.id) is None
        assert await tx.drafts.get(young.id) == young


async def test_what_a_person_began_last_in_a_chat_is_found(storage: Storage) -> None:
    await created(storage)
    last = await created(storage)
    for other in ({"kind": "other"}, {"user_id": 2}, {"chat_id": -8}):
        await created(storage, replace(QUESTION, **other))
    async with storage.reading() as view:
        assert await view.drafts.newest(-7, 1, "edit") == last
        assert await view.drafts.newest(-7, 3, "edit") is None


async def test_old_drafts_of_one_kind_are_dropped_alone(storage: Storage) -> None:
    edit = await created(storage)
    guided = await created(storage, replace(QUESTION, kind="guided"))
    async with storage.transaction() as tx:
        assert await tx.drafts.drop_older(SOON, kind="guided") == 1
        assert await tx.drafts.get(guided.id) is None
        assert await tx.drafts.get(edit.id) == edit
