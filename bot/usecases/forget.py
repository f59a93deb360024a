"""/forgetme: what names a person is deleted; what must stay names them no more."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.usecases.emptied import STUB
from bot.usecases.recall import pseudonym, recall
from bot.usecases.spec import JobInputs
from providers.clock import Clock
from storage.base import BlobStore, Storage, Stores
from storage.records import JobState, OpenMessage, Outcome

CANCELED = Outcome(JobState.CANCELED)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """open_messages: of jobs whose outcome won't be shown; nobody else takes them away."""

    jobs: int
    pictures: int
    open_messages: tuple[OpenMessage, ...]


class ForgetMe:
    """`stop_running` tells this process's worker at once; another's finds its lease lost."""

    def __init__(
        self,
        storage: Storage,
        blobs: BlobStore,
        clock: Clock,
        *,
        stop_running: Callable[[int], None],
    ) -> None:
        self._storage = storage
        self._blobs = blobs
        self._clock = clock
        self._stop_running = stop_running

    async def __call__(self, user_id: int) -> Forgotten:
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            await tx.forgetting.lock(user_id)
            await recall(tx, user_id, now)  # a second time: nothing of the first may be lost
            await self._cancel_all(tx, user_id)
            given = _given(await tx.forgetting.specs(user_id))
            known = await pseudonym(tx, user_id, now)
            await tx.quotas.transfer(user_id, known.nobody, now=now)
            emptied = await tx.forgetting.forget(
                user_id, nobody=known.nobody, key=known.key, stub=STUB.dump(), now=now
            )
        for message in emptied.open_messages:
            self._stop_running(message.job_id)
        pictures = await self._delete_pictures([*emptied.pictures, *given])
        return Forgotten(emptied.count, pictures, emptied.open_messages)

    async def _cancel_all(self, tx: Stores, user_id: int) -> None:
        """Under whoever's lease: a worker that has one of them in hand can't end it any more."""
        ended: list[int] = []
        while active := await tx.jobs.active_of(user_id):
            for job in active:
                await tx.jobs.finish(job.id, CANCELED, lease=job.lease, now=self._clock.now())
                ended.append(job.id)  # settling one again that a worker ended changes nothing
        for job_id in ended:  # accounts after the last of the jobs, as everywhere
            await tx.quotas.settle(job_id, 0, now=self._clock.now())

    async def _delete_pictures(self, keys: Iterable[str]) -> int:
        """All that nobody else made or uses."""
        async with self._storage.reading() as view:
            unused = await view.forgetting.unused(dict.fromkeys(keys))
        for key in unused:
            await self._blobs.delete(key)
        return len(unused)


def _given(specs: Iterable[dict[str, Any]]) -> list[str]:
    """The keys of the pictures that came with requests."""
    inputs = (JobInputs.model_validate(spec.get("inputs", {})) for spec in specs)
    return [key for each in inputs for key in each.blob_keys]
