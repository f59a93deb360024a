"""What earlier tries left, from every kind of record."""

from bot.usecases.history import history_of
from bot.usecases.shares import Share
from bot.usecases.spec import Leg
from providers.types import GenerationRequest
from storage.records import Artifact, Submission, SubmissionState
from tests.contracts.building import NOW

OPEN, ENDED = SubmissionState.SUBMITTED, SubmissionState.ENDED


def submission(
    share: Share, provider: str, state: SubmissionState, remote: str | None
) -> Submission:
    return Submission(1, 1, share.first, provider, state, remote, NOW, share.count)


def artifact(part: int, position: int = 0) -> Artifact:
    return Artifact(
        part=part, position=position, sha256="ab" * 32, media_type="image/png", width=8, height=8,
        seed=None, size=9, id=10 * part + position, job_id=1, file_id=None, created_at=NOW,
    )  # fmt: skip


def leg(provider: str) -> Leg:
    request = GenerationRequest(prompt="x", width=8, height=8)
    return Leg(provider=provider, model="m", request=request, images_per_call=1)


def test_nothing() -> None:
    history = history_of([], [], total=4)
    assert (history.opened, history.made, history.failed) == ({}, {}, frozenset())


def test_made_open_and_failed_are_told_apart() -> None:
    history = history_of(
        [
            submission(Share(0, 1), "a", ENDED, "a-1"),
            submission(Share(1, 1), "a", ENDED, "a-2"),  # failed, and ordered elsewhere
            submission(Share(2, 1), "a", ENDED, None),  # refused
            submission(Share(1, 2), "b", OPEN, "b-1"),
        ],
        [artifact(0)],
        total=3,
    )
    assert history.opened == {Share(1, 2): "b"}
    assert history.made == {Share(0, 1): ("a", (artifact(0),))}
    assert history.failed == {"a"}


def test_what_was_made_elsewhere_is_its_makers() -> None:
    history = history_of(
        [submission(Share(0, 4), "a", ENDED, "a-1"), submission(Share(0, 2), "b", ENDED, "b-1")],
        [artifact(0, 0), artifact(0, 1)],
        total=4,
    )
    (result,) = history.recorded([leg("a"), leg("b")])
    assert (result.share, result.leg, len(result.artifacts)) == (Share(0, 2), 1, 2)
    assert result.unchecked  # nobody knows any more


def test_a_lost_one_is_open() -> None:
    lost = submission(Share(0, 4), "a", SubmissionState.SUBMITTING, None)
    assert history_of([lost], [], total=4).opened == {Share(0, 4): "a"}
    assert history_of([lost], [], total=1).opened == {Share(0, 1): "a"}
