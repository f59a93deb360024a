"""What became of a job, for all that goes on from it: its pictures, found again and deleted."""

from dataclasses import dataclass

from bot.usecases.emptied import is_emptied
from bot.usecases.errors import NotReady, ResultGone
from bot.usecases.inputs import PictureSource
from bot.usecases.spec import JobSpec
from storage.base import BlobStore, Storage
from storage.errors import PictureMissing
from storage.records import Artifact, Job


@dataclass(frozen=True, slots=True)
class Result:
    """`number` below: which of several pictures, from 1; 0 means all of them, or the only one."""

    job: Job
    spec: JobSpec
    artifacts: tuple[Artifact, ...]

    @property
    def is_grid(self) -> bool:
        """Also where its pictures are stored no more."""
        return len(self.artifacts) > 1 or bool(self.job.reason_data.get("made", 0) > 1)

    @property
    def seconds(self) -> float:
        """From acceptance to the outcome: what the user waited for the drawing."""
        if self.job.finished_at is None:
            return 0.0
        return (self.job.finished_at - self.job.created_at).total_seconds()

    def picture(self, number: int) -> Artifact:
        """Raises ResultGone."""
        index = max(number, 1) - 1
        if index >= len(self.artifacts):
            raise ResultGone
        return self.artifacts[index]

    def pictures(self, number: int) -> tuple[Artifact, ...]:
        """Raises ResultGone."""
        first = self.picture(number)
        return (first,) if number else self.artifacts

    def seed(self, number: int) -> int | None:
        """None where it isn't known."""
        return self.picture(number).seed if self.artifacts else None


class Results:
    def __init__(self, storage: Storage, blobs: BlobStore) -> None:
        self._storage = storage
        self._blobs = blobs

    async def __call__(self, job_id: int) -> Result:
        """Raises ResultGone where there is no such job, or nothing left of it, NotReady before its outcome."""
        async with self._storage.reading() as view:
            job = await view.jobs.get(job_id)
            if job is None:
                raise ResultGone
            artifacts = await view.artifacts.of_job(job_id)
        if job.finished_at is None:
            raise NotReady
        spec = JobSpec.load(job.spec)
        if is_emptied(spec):
            raise ResultGone
        return Result(job, spec, tuple(artifacts))

    async def delete(self, result: Result) -> None:
        """The pictures, for good; what they cost stays spent."""
        async with self._storage.transaction() as tx:
            unused = await tx.artifacts.drop_of_job(result.job.id)
        for key in unused:
            await self._blobs.delete(key)


class StoredPicture:
    """A picture of ours as a PictureSource."""

    def __init__(
        self, blobs: BlobStore, artifact: Artifact, instead: PictureSource | None = None
    ) -> None:
        """instead: the next best, where ours is gone."""
        self._blobs = blobs
        self._key = artifact.sha256
        self._instead = instead

    async def read(self) -> bytes:
        """Raises ResultGone, and what `instead` raises."""
        try:
            return await self._blobs.get(self._key)
        except PictureMissing:
            if self._instead is None:
                raise ResultGone from None
            return await self._instead.read()
