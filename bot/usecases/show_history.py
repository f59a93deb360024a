"""What a person has had drawn, page by page, and one of it again. Their own and nobody else's."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.usecases.errors import NoSuchPicture
from bot.usecases.results import Result
from bot.usecases.spec import JobSpec
from storage.base import Storage, Stores
from storage.records import Artifact, Job, JobState

ON_A_PAGE = 9


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Newest first. A result has no pictures where they aren't kept any more."""

    results: Sequence[Result]
    has_newer: bool = False
    has_older: bool = False


class ShowHistory:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def __call__(
        self, user_id: int, *, before: int | None = None, after: int | None = None
    ) -> HistoryPage:
        """The newest page; or what is next older than the job `before`, next newer than `after`."""
        async with self._storage.reading() as view:
            jobs = await _jobs(user_id, before, after, view)
            if not jobs:
                return HistoryPage(())
            newer = await view.jobs.succeeded_after(user_id, jobs[0].id, limit=1)
            older = await view.jobs.succeeded_of(user_id, before=jobs[-1].id, limit=1)
            results = [await _result(job, view) for job in jobs]
        return HistoryPage(results, has_newer=bool(newer), has_older=bool(older))

    async def one(self, user_id: int, job_id: int, *, chat_id: int | None = None) -> Result:
        """With `chat_id`, only what was drawn in that chat. Raises NoSuchPicture."""
        async with self._storage.reading() as view:
            job = await view.jobs.get(job_id)
            if job is None or job.user_id != user_id or job.state is not JobState.SUCCEEDED:
                raise NoSuchPicture
            if chat_id not in (None, job.chat_id):
                raise NoSuchPicture
            result = await _result(job, view)
        if not result.artifacts:
            raise NoSuchPicture
        return result

    async def sent_as(self, artifact: Artifact, file_id: str) -> None:
        """Telegram has it, and shows it again by this id."""
        async with self._storage.transaction() as tx:
            await tx.artifacts.set_file_id(artifact.id, file_id)


async def _jobs(user_id: int, before: int | None, after: int | None, view: Stores) -> list[Job]:
    if after is None:
        return await view.jobs.succeeded_of(user_id, before=before, limit=ON_A_PAGE)
    return await view.jobs.succeeded_after(user_id, after, limit=ON_A_PAGE)


async def _result(job: Job, view: Stores) -> Result:
    artifacts = await view.artifacts.of_job(job.id)
    return Result(job, JobSpec.load(job.spec), tuple(artifacts))
