"""Pictures on record, and how long they and their jobs are kept."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol

from storage.records import Artifact, EmptiedJobs, GivenPictures, KnownPicture, NewArtifact, Place


class ArtifactStore(Protocol):
    async def add(self, job_id: int, lease: str, new: NewArtifact, *, now: datetime) -> bool:
        """Record a stored picture, once per (job, part, position); False where the lease is lost."""
        ...

    async def of_job(self, job_id: int) -> list[Artifact]: ...

    async def set_file_id(self, artifact_id: int, file_id: str) -> None: ...

    async def known_of(self, user_id: int, *, limit: int) -> list[KnownPicture]:
        """The newest pictures of a user that have a file_id, newest first."""
        ...

    async def drop_of_job(self, job_id: int) -> list[str]:
        """Forget a job's pictures (it was censored); returns the sha256 no other job uses."""
        ...


class RetentionStore(Protocol):
    """What is kept of jobs that ended long ago, and which pictures anything still needs."""

    async def empty_ended(
        self, *, before: datetime, after: Place | None, stub: dict[str, Any], limit: int
    ) -> EmptiedJobs:
        """Take words and pictures from jobs that ended before then, beyond `after`, the first
        `limit` of them. Their rows stay, for the books and the statistics.

        Stops short of a job whose outcome isn't shown yet.
        """
        ...

    async def given(self, *, after: int, limit: int) -> GivenPictures:
        """The pictures that the next `limit` jobs beyond that id came with."""
        ...

    async def needed(self, pictures: Collection[str], *, after: int) -> set[str]:
        """Those of them that an artifact, a draft or a job beyond that id names."""
        ...
