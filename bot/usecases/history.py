"""What earlier tries of a job have left behind, read from what is on record. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.usecases.outcomes import PartResult
from bot.usecases.shares import Share
from bot.usecases.spec import Leg
from storage.records import Artifact, Submission, SubmissionState


@dataclass(frozen=True, slots=True)
class History:
    """opened: by share, the provider whose submission is still open.

    made: by share, the provider that made it and its recorded pictures.
    failed: the providers that took something of this job and made nothing of it.
    """

    opened: Mapping[Share, str]
    made: Mapping[Share, tuple[str, tuple[Artifact, ...]]]
    failed: frozenset[str]

    def recorded(self, legs: Sequence[Leg]) -> list[PartResult]:
        return [
            PartResult(share, _number(provider, legs), artifacts=artifacts, unchecked=True)
            for share, (provider, artifacts) in self.made.items()
        ]


def history_of(
    submissions: Sequence[Submission], artifacts: Sequence[Artifact], *, total: int
) -> History:
    """submissions: oldest first. Of those for the same first picture only the last one counts.

    total: how many pictures the job is for; an older version's submissions may say more.
    """

    def share(submission: Submission) -> Share:
        return Share(submission.part, min(submission.images, total - submission.part))

    last = {submission.part: submission for submission in submissions}
    made = {
        part: tuple(artifact for artifact in artifacts if artifact.part == part) for part in last
    }
    return History(
        opened={
            share(each): each.provider
            for each in last.values()
            if each.state is not SubmissionState.ENDED
        },
        made={
            share(each): (each.provider, made[part]) for part, each in last.items() if made[part]
        },
        failed=frozenset(
            each.provider
            for each in submissions
            if each.state is SubmissionState.ENDED and each.remote_id and not made[each.part]
        ),
    )


def _number(provider: str, legs: Sequence[Leg]) -> int:
    """A job has one leg a provider."""
    return next((number for number, leg in enumerate(legs) if leg.provider == provider), 0)
