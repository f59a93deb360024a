from datetime import datetime

import pytest

from storage.base import Storage, Stores
from storage.records import Artifact, Job, JobState, Outcome, Submission, SubmissionState
from tests.contracts.building import LATER, NOW, end, enqueue, new_artifact, running_job


async def opened(tx: Stores, job: Job, *, part: int, now: datetime = NOW) -> Submission:
    found = await tx.jobs.open_submission(
        job.id, "lease-1", part=part, images=2, provider="replicate", now=now
    )
    assert found is not None and found[1]
    return found[0]


async def test_a_submission_is_stored_step_by_step(storage: Storage) -> None:
    job = await running_job(storage)
    async with storage.transaction() as tx:
        begun = await opened(tx, job, part=0)
        second = await opened(tx, job, part=1, now=LATER)
        assert begun == Submission(
            begun.id, job.id, 0, "replicate", SubmissionState.SUBMITTING, None, NOW, 2
        )
        await tx.jobs.record_remote_id(begun.id, "r-1")
        stored, untouched = await tx.jobs.submissions_of(job.id)
        assert (stored.state, stored.remote_id) == (SubmissionState.SUBMITTED, "r-1")
        assert untouched == second
        await tx.jobs.end_submission(begun.id)
        ended, _ = await tx.jobs.submissions_of(job.id)
        assert (ended.state, ended.remote_id) == (SubmissionState.ENDED, "r-1")


async def test_a_part_has_one_open_submission_at_most(storage: Storage) -> None:
    job = await running_job(storage)
    async with storage.transaction() as tx:
        begun = await opened(tx, job, part=0)
        again = await tx.jobs.open_submission(
            job.id, "lease-1", part=0, images=2, provider="replicate", now=LATER
        )
        assert again == (begun, False)
        await tx.jobs.end_submission(begun.id)
        assert (await opened(tx, job, part=0)).id != begun.id


async def test_the_ids_on_record_are_found_by_provider_and_time(storage: Storage) -> None:
    one, other = await running_job(storage, 1), await running_job(storage, 2)
    async with storage.transaction() as tx:
        for job, part, provider, now, remote_id in (
            (one, 0, "replicate", NOW, "early"),
            (one, 1, "replicate", LATER, "late"),
            (other, 0, "replicate", LATER, "others"),
            (other, 1, "nebula", LATER, "elsewhere"),
            (other, 2, "replicate", LATER, None),
        ):
            opened_now = await tx.jobs.open_submission(
                job.id, f"lease-{job.message_id}", part=part, images=1, provider=provider, now=now
            )
            assert opened_now is not None
            if remote_id is not None:
                await tx.jobs.record_remote_id(opened_now[0].id, remote_id)
    async with storage.reading() as view:
        assert await view.jobs.remote_ids("replicate", since=LATER) == {"late", "others"}
        assert await view.jobs.remote_ids("replicate", since=NOW) == {"early", "late", "others"}
        assert await view.jobs.remote_ids("segmind", since=NOW) == set()


@pytest.mark.parametrize("lease", ["stranger", ""])
async def test_nothing_is_submitted_without_the_lease(storage: Storage, lease: str) -> None:
    job = await running_job(storage)
    async with storage.transaction() as tx:
        begun = await tx.jobs.open_submission(
            job.id, lease, part=0, images=1, provider="p", now=NOW
        )
        assert begun is None
        assert await tx.jobs.submissions_of(job.id) == []


async def test_nothing_is_submitted_or_stored_after_the_end(storage: Storage) -> None:
    job = await running_job(storage)
    await end(storage, job, Outcome(JobState.FAILED))
    async with storage.transaction() as tx:
        begun = await tx.jobs.open_submission(
            job.id, "lease-1", part=0, images=1, provider="p", now=NOW
        )
        assert begun is None
        assert not await tx.artifacts.add(job.id, "lease-1", new_artifact(), now=NOW)


async def test_a_picture_is_recorded_once(storage: Storage) -> None:
    job = await running_job(storage)
    async with storage.transaction() as tx:
        for position in (1, 0, 0):
            new = new_artifact(position)
            assert await tx.artifacts.add(job.id, "lease-1", new, now=NOW)
        first, second = await tx.artifacts.of_job(job.id)
        assert (first.position, second.position) == (0, 1)
        assert first == Artifact(
            id=first.id,
            job_id=job.id,
            part=0,
            position=0,
            sha256="ab" * 32,
            media_type="image/png",
            width=64,
            height=48,
            seed=2**40,
            size=1234,
            file_id=None,
            created_at=NOW,
        )
        assert await tx.artifacts.add(job.id, "lease-1", first, now=LATER)  # as an earlier try's
        assert await tx.artifacts.of_job(job.id) == [first, second]
        await tx.artifacts.set_file_id(first.id, "AgAC")
        assert [a.file_id for a in await tx.artifacts.of_job(job.id)] == ["AgAC", None]


async def test_no_picture_is_recorded_without_the_lease(storage: Storage) -> None:
    job = await running_job(storage)
    queued = await enqueue(storage, 2)
    async with storage.transaction() as tx:
        assert not await tx.artifacts.add(job.id, "stranger", new_artifact(), now=NOW)
        assert not await tx.artifacts.add(queued.id, "lease-1", new_artifact(), now=NOW)
        assert await tx.artifacts.of_job(job.id) == []


async def test_forgetting_pictures_names_those_no_other_job_has(storage: Storage) -> None:
    one, other = await running_job(storage, 1), await running_job(storage, 2)
    shared, own = "aa" * 32, "bb" * 32
    async with storage.transaction() as tx:
        for position, key in enumerate((shared, own, own)):
            new = new_artifact(position, sha256=key)
            await tx.artifacts.add(one.id, "lease-1", new, now=NOW)
        await tx.artifacts.add(other.id, "lease-2", new_artifact(sha256=shared), now=NOW)
    async with storage.transaction() as tx:
        assert await tx.artifacts.drop_of_job(one.id) == [own]
        assert await tx.artifacts.of_job(one.id) == []
        assert await tx.artifacts.drop_of_job(one.id) == []
        assert await tx.artifacts.drop_of_job(other.id) == [shared]


async def test_an_answer_that_comes_after_the_end_of_its_submission_changes_nothing(
    storage: Storage,
) -> None:
    job = await running_job(storage)
    async with storage.transaction() as tx:
        late = await opened(tx, job, part=0)
        await tx.jobs.end_submission(late.id)
        second = await opened(tx, job, part=0)
        await tx.jobs.record_remote_id(late.id, "r-late")
        states = {each.id: each.state for each in await tx.jobs.submissions_of(job.id)}
    assert states == {
        late.id: SubmissionState.ENDED,
        second.id: SubmissionState.SUBMITTING,
    }


async def test_the_newest_pictures_that_telegram_has_are_known(storage: Storage) -> None:
    """A user's own, of jobs that succeeded, newest first; within a job in their order."""
    ended = [JobState.SUCCEEDED, JobState.SUCCEEDED, JobState.CENSORED]
    mine = [await running_job(storage, number) for number in (1, 2, 3)]
    running, others = await running_job(storage, 4), await running_job(storage, 5, user_id=77)
    async with storage.transaction() as tx:
        for job in (*mine, running, others):
            for position in (0, 1, 2):
                new = new_artifact(position=position, sha256=f"{job.id:032x}{position:032x}")
                assert await tx.artifacts.add(job.id, job.lease or "", new, now=NOW)
        for job in (*mine, running, others):
            for artifact in (await tx.artifacts.of_job(job.id))[:2]:  # the third was never shown
                await tx.artifacts.set_file_id(artifact.id, f"file-{job.id}-{artifact.position}")
        for job, state in zip((*mine, others), (*ended, JobState.SUCCEEDED), strict=True):
            outcome = Outcome(state, reason_data={"of": job.id})
            assert await tx.jobs.finish(job.id, outcome, lease=job.lease, now=NOW)
    first, second, _ = mine
    async with storage.reading() as view:
        known = await view.artifacts.known_of(first.user_id, limit=9)
        assert [each.file_id for each in known] == [
            f"file-{job.id}-{position}" for job in (second, first) for position in (0, 1)
        ]
        assert known[0].spec == second.spec and known[0].reason_data == {"of": second.id}
        shown = (await view.artifacts.of_job(second.id))[0]
        assert known[0].artifact_id == shown.id
        assert await view.artifacts.known_of(first.user_id, limit=3) == known[:3]
        assert len(await view.artifacts.known_of(77, limit=9)) == 2
        assert await view.artifacts.known_of(78, limit=9) == []
