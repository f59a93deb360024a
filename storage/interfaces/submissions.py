"""The calls to services that were made for jobs."""

from datetime import datetime
from typing import Protocol

from storage.records import Submission


class SubmissionStore(Protocol):
    """The record of each call to a service."""

    async def open_submission(
        self, job_id: int, lease: str, *, part: int, images: int, provider: str, now: datetime
    ) -> tuple[Submission, bool] | None:
        """Store "submitting" before the POST, at most one open submission a part (unique).

        (submission, False): an earlier try left this one open; None: the lease isn't ours any more.
        """
        ...

    async def record_remote_id(self, submission_id: int, remote_id: str) -> None:
        """Also by whoever has lost the lease: what was accepted should be known. Of an ended
        submission it changes nothing.
        """
        ...

    async def end_submission(self, submission_id: int) -> None: ...

    async def submissions_of(self, job_id: int) -> list[Submission]:
        """Oldest first."""
        ...

    async def remote_ids(self, provider: str, *, since: datetime) -> set[str]:
        """Of all submissions there that were opened at `since` or later, whosever they are."""
        ...
