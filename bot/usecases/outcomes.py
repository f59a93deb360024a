"""From what each submission gave to how the job ended. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.usecases.fates import Fate
from bot.usecases.keeping import NotKept
from bot.usecases.shares import Share
from bot.usecases.spec import Leg
from providers import errors
from providers.moderation.base import clean_categories
from providers.types import Note, Verdict, VerdictStatus
from storage.records import Job, JobState, NewArtifact, Outcome

REASONS: dict[type[errors.ProviderError], str] = {
    errors.InvalidRequest: "invalid_request",
    errors.Unauthorized: "unauthorized",
    errors.OutOfCredit: "out_of_credit",
    errors.RateLimited: "rate_limited",
    errors.ServiceGone: "gone",
    errors.Unavailable: "unavailable",
    errors.Misconfigured: "unavailable",
    errors.OutcomeUnknown: "outcome_unknown",
    errors.GenerationFailed: "generation_failed",
    errors.ResultLost: "result_lost",
    errors.BadAnswer: "bad_answer",
    errors.DeadlineExceeded: "deadline",
    errors.GenerationCanceled: "canceled_there",
    NotKept: "not_stored",
}


@dataclass(frozen=True, slots=True)
class PartResult:
    """What one submission gave: pictures stored, verdicts of those withheld, or the error.

    leg: the number of the leg it went. fate: what may be done about the error.
    notes: what the service says about how it took the request. covered: one of the pictures is
    sensitive, and its chat wants such ones under a spoiler.
    """

    share: Share
    leg: int = 0
    artifacts: tuple[NewArtifact, ...] = ()
    withheld: tuple[Verdict, ...] = ()
    unchecked: bool = False
    covered: bool = False
    error: errors.ProviderError | None = None
    fate: Fate = Fate.OVER
    notes: tuple[Note, ...] = ()


def is_covered(job: Job, *, unchecked: bool) -> bool:
    """Whether a job's pictures are shown under a spoiler; `unchecked`: if nobody checked them too."""
    data = job.reason_data
    return bool(data.get("covered") or (unchecked and data.get("unchecked")))


def outcome_of(results: Sequence[PartResult], legs: Sequence[Leg]) -> Outcome:
    """Charge for the pictures made and nothing else; a censored job is never called a failure."""
    makers = sorted({result.leg for result in results if result.artifacts})
    withheld = [verdict for result in results for verdict in result.withheld]
    if makers:
        return Outcome(
            JobState.SUCCEEDED,
            units=sum(legs[result.leg].cost * len(result.artifacts) for result in results),
            reason_data={
                "made": sum(len(result.artifacts) for result in results),
                "censored": len(withheld),
                "censored_by": next((v.source for v in withheld if v.source), None),
                "unchecked": any(result.unchecked for result in results),
                "covered": any(result.covered for result in results),
                "notes": _notes(results),
                "legs": makers,
            },
            provider=legs[makers[0]].provider,
            model=legs[makers[0]].model,
        )
    if withheld:
        return _censored(withheld)
    return _failed(results)


def _censored(withheld: Sequence[Verdict]) -> Outcome:
    """By the first that was blocked, if any was: the others were only not checked."""
    blocked = [verdict for verdict in withheld if verdict.status is VerdictStatus.BLOCKED]
    if not blocked:
        return Outcome(JobState.CENSORED, reason="unchecked_blocked")
    first = blocked[0]
    return Outcome(
        JobState.CENSORED,
        reason=f"censored_{first.stage or 'image'}",
        reason_data={
            "source": first.source,
            "categories": list(clean_categories(first.categories)),
        },
    )


def _failed(results: Sequence[PartResult]) -> Outcome:
    error = next((result.error for result in results if result.error), None)
    if error is None:
        return Outcome(JobState.FAILED, reason="bad_answer")
    fields = error.fields if isinstance(error, errors.InvalidRequest) else ()
    data = {"fields": list(fields)} if fields else None
    return Outcome(JobState.FAILED, reason=REASONS[type(error)], reason_data=data)


def _notes(results: Sequence[PartResult]) -> list[dict[str, str]]:
    """Each once: the parts of a job were all taken alike."""
    notes = dict.fromkeys(note for result in results for note in result.notes)
    return [{"kind": note.kind.value, "text": note.text} for note in notes]
