"""The stores' interfaces. What is promised here is tested in tests/contracts over every engine.

A transaction is explicit and carries every store:

    async with storage.transaction() as tx:
        job, created = await tx.jobs.enqueue(new_job, now=now, ...)
        if created:
            await tx.quotas.reserve(job.user_id, job.id, job.cost, day=day, now=now)

An exception inside rolls all of it back. Any of it may raise DatabaseAway, where the database is a
server: nothing has happened then (also where a commit's answer was lost: the transaction's fate is
looked up), and the whole transaction may be made again. Each promise is a guarded statement or a unique index,
never a read followed by a write. Time always comes from the caller.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from storage.leadership import Leadership
from storage.news import Hear
from storage.records import (
    Artifact,
    AuditLine,
    Broadcast,
    BroadcastState,
    Chat,
    Draft,
    EmptiedJobs,
    ForgottenJobs,
    FreeMessage,
    GivenPictures,
    Heartbeat,
    Invite,
    Job,
    JobState,
    KnownPicture,
    NewArtifact,
    NewDraft,
    NewJob,
    Outcome,
    Place,
    QuotaDay,
    QuotaView,
    StoredBlob,
    Submission,
    User,
    VerdictCount,
)
from storage.summaries import EndedCount, Hold, QueueSummary, Spender


class SanctionStore(Protocol):
    """What people are allowed and what is held against them; also of those never seen."""

    async def set_allowed(self, user_id: int, allowed: bool) -> None: ...

    async def ban(self, user_id: int, *, until: datetime | None, reason: str | None) -> None:
        """In place of an earlier ban. Without `until`: for good."""
        ...

    async def unban(self, user_id: int) -> None:
        """Nothing is held against them any more, strikes neither."""
        ...

    async def strike(self, user_id: int, *, counts_for: timedelta, now: datetime) -> int:
        """Count one more; returns how many there are. After `counts_for` without one all are gone."""
        ...

    async def block(self, user_id: int, *, until: datetime) -> None:
        """For their strikes."""
        ...

    async def claim_throttle_notice(self, user_id: int) -> bool:
        """True once in a minute in which requests were too many: the user may be told."""
        ...

    async def admins(self) -> list[int]:
        """Those with a role."""
        ...


class UserStore(SanctionStore, Protocol):
    async def remember(
        self,
        user_id: int,
        *,
        username: str | None,
        language: str | None,
        name: str | None = None,
        now: datetime,
    ) -> User:
        """Insert or refresh; one statement. What the caller doesn't know (None) is kept."""
        ...

    async def set_locale(self, user_id: int, locale: str | None) -> None:
        """The language chosen here, also by someone never seen; None follows Telegram's."""
        ...

    async def set_role(self, user_id: int, role: str | None) -> None:
        """Also of someone never seen."""
        ...

    async def set_preferences(self, user_id: int, preferences: Mapping[str, Any]) -> None:
        """In place of all that were there, also of someone never seen."""
        ...

    async def get(self, user_id: int) -> User | None: ...

    async def by_username(self, username: str) -> User | None:
        """In any case of letters; of several who had the name, whoever was seen last."""
        ...

    async def count_request(self, user_id: int, *, per_minute: int, now: datetime) -> None:
        """Count one request in the current minute. Raises Throttled when it is one too many.

        Creates the user where it was never seen.
        """
        ...


class ChatStore(Protocol):
    async def remember(
        self, chat_id: int, *, kind: str, title: str | None = None, now: datetime
    ) -> Chat:
        """Insert (private: enabled, any other: off) or refresh the kind, and the title if known.

        Nobody else changes the chat until the transaction is over.
        """
        ...

    async def set_settings(self, chat_id: int, settings: Mapping[str, Any]) -> None:
        """In place of all that were there; of a chat that was remembered."""
        ...

    async def get(self, chat_id: int) -> Chat | None: ...

    async def set_enabled(self, chat_id: int, enabled: bool, *, kind: str, now: datetime) -> None:
        """Turn a chat on or off, also one never seen; turning off allows one more hint."""
        ...

    async def claim_hint(self, chat_id: int) -> bool:
        """True exactly once per time the chat is off: the caller may say how to turn it on."""
        ...

    async def claim_notice(self, chat_id: int, *, every: float, now: datetime) -> bool:
        """True at most once in `every` seconds a chat, whoever asks: room for one refusal."""
        ...

    async def migrate(self, old_id: int, new_id: int, *, now: datetime) -> None:
        """A group became a supergroup: its row and its unfinished jobs follow. Idempotent.

        Where the supergroup has settings of its own, they stay.
        """
        ...


class QuotaStore(Protocol):
    async def reserve(
        self, user_id: int, job_id: int, units: int, *, day: QuotaDay, now: datetime
    ) -> None:
        """Hold units for a job, daily ones first. Raises QuotaExceeded, leaving nothing held.

        A job has one reservation at most (unique). Yesterday's unused hold never blocks today.
        """
        ...

    async def settle(self, job_id: int, units: int, *, now: datetime) -> bool:
        """Capture `units` of the job's hold (daily ones first) and release the rest.

        True the first time, False when the reservation was settled before (nothing changes).
        Units captured from a hold of an earlier day never count against today's allowance.
        """
        ...

    async def view(self, user_id: int, *, day: QuotaDay) -> QuotaView: ...

    async def grant(self, user_id: int, units: int, *, now: datetime) -> None:
        """Add extra units that don't expire, also for a user never seen."""
        ...

    async def revoke(self, user_id: int, units: int, *, now: datetime) -> int:
        """Take extra units back, as far as there are and no job holds them; returns how many."""
        ...

    async def set_limit(self, user_id: int, limit: int | None) -> None:
        """Daily units from now on, also for a user never seen; None: what the settings say."""
        ...

    async def reset(self, user_id: int, *, day: QuotaDay, now: datetime) -> int:
        """Forgive what was spent today; what is held stays held. Returns how many units."""
        ...

    async def transfer(self, old_id: int, new_id: int, *, now: datetime) -> None:
        """All of an account goes to another: spent and extra units, open reservations, and its own
        limit where the other has none. Idempotent.
        """
        ...


class JobStore(Protocol):
    async def enqueue(
        self, new: NewJob, *, queued_limit: int | None = None, now: datetime
    ) -> tuple[Job, bool]:
        """Insert a job, once per (chat_id, message_id). (job, False): it was there already.

        Its turn is the user's virtual time, so that users alternate whatever each has queued.
        Raises QueueFull where the user has `queued_limit` jobs waiting.
        """
        ...

    async def get(self, job_id: int) -> Job | None: ...

    async def of_message(self, chat_id: int, message_id: int) -> Job | None:
        """The job this message asked for, if it was enqueued."""
        ...

    async def claim(
        self,
        *,
        lease: str,
        lease_until: datetime,
        providers: Sequence[str],
        max_running_per_user: int,
        now: datetime,
    ) -> Job | None:
        """Take the queued job whose turn it is: state running, attempts + 1, `lease` on it.

        Passes over providers not named and users who have max_running_per_user running.
        `lease` must be new for every claim: it is the fence for all that follows.
        """
        ...

    async def heartbeat(self, job_id: int, lease: str, *, lease_until: datetime) -> Heartbeat: ...

    async def hand_back(self, job_id: int, lease: str) -> bool:
        """Put a running job back into the queue at its old turn; the attempt doesn't count."""
        ...

    async def requeue_expired(self, *, now: datetime) -> list[Job]:
        """Put running jobs whose lease ran out back into the queue at their old turn (their
        attempts stay counted); returns them as they are now.
        """
        ...

    async def requeue_all(self) -> int:
        """On SQLite at start, where no other process can be alive: every running job, at once."""
        ...

    async def request_cancel(self, job_id: int) -> Job | None:
        """Mark a queued or running job for cancellation; None where it has ended already."""
        ...

    async def finish(
        self, job_id: int, outcome: Outcome, *, lease: str | None, now: datetime
    ) -> bool:
        """End a job, once: running under this lease, or queued where lease is None.

        Sets the delivery to pending, and who made it where the outcome says so. False: it was
        not ours to end; nothing changed.
        """
        ...

    async def position(self, job_id: int) -> int | None:
        """1 for the next to be claimed; None where it is not queued."""
        ...

    async def last_of(self, user_id: int, chat_id: int, *, before: int | None = None) -> Job | None:
        """The last one a user asked for in a chat, whatever became of it; `before`: a job's id."""
        ...

    async def mark_pooled(self, job_id: int) -> None:
        """The chat's shared units pay for it."""
        ...

    async def active_of(self, user_id: int, *, chat_id: int | None = None) -> list[Job]:
        """Queued and running jobs of a user, oldest first."""
        ...

    async def unfinished(self) -> list[Job]:
        """Queued and running jobs of everyone, oldest turn first (status messages after a start)."""
        ...

    async def recent_durations(self, provider: str, model: str, *, limit: int = 20) -> list[float]:
        """Seconds from start to finish of the last succeeded jobs there."""
        ...

    async def queued_at(self, provider: str, *, after: int = 0) -> list[Job]:
        """Those queued for this provider with an id beyond `after`, by id."""
        ...

    async def redirect(
        self, job_id: int, *, away_from: str, provider: str, model: str, spec: Mapping[str, Any]
    ) -> bool:
        """Queue a job for another provider, at its old turn. False: it isn't queued there now."""
        ...

    async def move_times(self, by: timedelta) -> None:
        """The clock was set by so much: so are all times of jobs that are unfinished, not yet
        delivered, or to be deleted from their chat.
        """
        ...

    # What has been made, for whom it was made.

    async def succeeded_of(
        self, user_id: int, *, before: int | None = None, limit: int
    ) -> list[Job]:
        """A user's jobs that made something, newest first; with `before`, those older than it."""
        ...

    async def succeeded_after(self, user_id: int, job_id: int, *, limit: int) -> list[Job]:
        """The ones that came next after that job; of these the newest first."""
        ...

    # Submissions: the record of each call to a service.

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

    # The message in the chat, and the delivery of the outcome.

    async def set_status_message(self, job_id: int, message_id: int) -> None: ...

    async def clear_status_message(self, job_id: int) -> None:
        """The message is gone from the chat: the outcome needs a new one."""
        ...

    async def hold_message(self, job_id: int, *, now: datetime) -> bool:
        """Before sending it, or an edit while the job is queued: True where no other process is at
        the message. None will be before it is released, or the hold has lapsed; not even with the
        outcome.

        Whoever enqueues a job holds its message, also when it starts elsewhere meanwhile; and
        whoever ends it.
        """
        ...

    async def release_message(self, job_id: int) -> None: ...

    async def release_messages(self) -> int:
        """On SQLite at start, as with `requeue_all`."""
        ...

    async def free_message(self, job_id: int, *, now: datetime) -> FreeMessage | None:
        """The message, None while another process is at it."""
        ...

    async def claim_delivery(self, *, now: datetime, lease_until: datetime) -> Job | None:
        """The oldest outcome that is pending and due, with no other process at its message; not
        due again before `lease_until`.

        Counts the attempt.
        """
        ...

    async def postpone_delivery(self, job_id: int, *, until: datetime) -> None: ...

    async def release_deliveries(self) -> int:
        """On SQLite at start, as with `requeue_all`: every pending outcome is due, oldest first."""
        ...

    async def end_delivery(self, job_id: int, *, delivered: bool) -> None: ...

    async def plan_deletion(self, job_id: int, *, at: datetime) -> None:
        """The job's message is to be taken out of the chat then."""
        ...

    async def claim_deletion(self, *, now: datetime, lease_until: datetime) -> Job | None:
        """One whose message is due to go; not due again before `lease_until`."""
        ...

    async def end_deletion(self, job_id: int) -> None: ...


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


class VerdictStore(Protocol):
    async def count(self, counted: VerdictCount) -> None:
        """Add to what is counted already for this day, source, stage and status."""
        ...

    async def since(self, day: date) -> list[VerdictCount]:
        """Of that day and later ones, by day, source, stage and status."""
        ...


class PeopleStore(Protocol):
    """What a person did, for those who run the bot."""

    async def newest_jobs(self, user_id: int, *, limit: int) -> list[Job]: ...

    async def job_counts(self, user_id: int) -> dict[JobState, int]: ...

    async def spent(self, user_id: int, *, since: datetime) -> int:
        """Units captured at `since` or later, daily and extra ones."""
        ...


class InviteStore(Protocol):
    async def add(self, invite: Invite, *, now: datetime) -> None: ...

    async def use(self, token: str, user_id: int, *, now: datetime) -> Invite | None:
        """Take one of its uses; None where this person has used it before. Raises InviteInvalid;
        the transaction must then be given up.
        """
        ...

    async def revoke(self, token: str) -> bool:
        """False where nothing was left of it."""
        ...

    async def working(self, *, limit: int, now: datetime) -> list[Invite]:
        """Those that still let someone in, newest first."""
        ...


class ForgettingStore(Protocol):
    """People who asked to be forgotten. `key` and `nobody` (a user id that none has) stand for them."""

    async def lock(self, user_id: int) -> None:
        """First of all: what they ask for meanwhile waits until the transaction is over."""
        ...

    async def specs(self, user_id: int) -> list[dict[str, Any]]:
        """Of all their jobs."""
        ...

    async def forget(
        self, user_id: int, *, nobody: int, key: str, stub: dict[str, Any], now: datetime
    ) -> ForgottenJobs:
        """Nothing names them any more; the jobs, which must have ended, have the spec `stub` then.

        Their units must have been transferred to `nobody` before, in the same transaction. What is
        held against them is kept under `key`.
        """
        ...

    async def recall(self, user_id: int, *, nobody: int, key: str) -> bool:
        """What is held against them counts again; their units are the caller's to transfer.

        False where they were never forgotten, or have been back since.
        """
        ...

    async def unused(self, pictures: Iterable[str]) -> list[str]:
        """Those that neither an artifact nor any job's spec or draft names."""
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


class AuditStore(Protocol):
    async def add(
        self,
        actor_id: int,
        action: str,
        *,
        target_id: int | None = None,
        details: Mapping[str, Any] | None = None,
        now: datetime,
    ) -> None: ...

    async def newest(
        self, *, target_id: int | None = None, before: int | None = None, limit: int = 20
    ) -> list[AuditLine]:
        """Newest first; with `before`, those older than the line of that id."""
        ...


class ControlStore(Protocol):
    async def set(self, name: str, value: Any, *, by: int | None, now: datetime) -> None: ...

    async def keep_first(self, name: str, value: Any, *, now: datetime) -> Any:
        """The value there is; `value` where there was none. The same for all who ask at once."""
        ...

    async def clear(self, name: str) -> bool:
        """False where there was none."""
        ...

    async def get(self, name: str) -> Any:
        """None where there is none."""
        ...

    async def all(self) -> dict[str, Any]: ...


class BroadcastStore(Protocol):
    async def add(
        self, actor_id: int, *, chat_id: int, message_id: int, now: datetime
    ) -> Broadcast:
        """A preview: nothing is sent before `start`."""
        ...

    async def get(self, broadcast_id: int) -> Broadcast | None: ...

    async def audience(self, broadcast_id: int) -> int:
        """How many it has still to go to: private chats that aren't off, without the banned and
        without its author.
        """
        ...

    async def start(self, broadcast_id: int, *, status_message_id: int) -> bool:
        """True once."""
        ...

    async def end(self, broadcast_id: int, state: BroadcastState, *, now: datetime) -> bool:
        """As stopped or done, also one that never started. True once."""
        ...

    async def claim(self, runner: str, *, until: datetime, now: datetime) -> Broadcast | None:
        """The oldest that runs and is in nobody's hands (any more); `runner` is the fence."""
        ...

    async def release(self, broadcast_id: int, runner: str) -> None: ...

    async def is_held(self, broadcast_id: int, runner: str) -> bool:
        """Whether it still runs, and in these hands."""
        ...

    async def take(self, broadcast_id: int, runner: str, *, until: datetime) -> int | None:
        """Whom to send it to next; nobody else is given them again. None: nobody is left, or it is
        not held (any more). Holds it until `until`.
        """
        ...

    async def count(self, broadcast_id: int, what: str) -> None:
        """One more that was "sent", "failed" or "blocked"."""
        ...


class StatisticsStore(Protocol):
    """All jobs together, for those who run the bot. A time span is [since, until)."""

    async def queue(self, *, people: int) -> QueueSummary:
        """What is unfinished now; `people`: how many of those with the most jobs to name."""
        ...

    async def ended(self, since: datetime, until: datetime) -> list[EndedCount]:
        """Jobs that ended then, by outcome and provider."""
        ...

    async def seconds_to_picture(
        self,
        since: datetime,
        until: datetime,
        shares: Sequence[float],
        *,
        provider: str | None = None,
    ) -> tuple[float, ...]:
        """From acceptance to the outcome of the jobs that succeeded then: for each share (0.5 is
        the median) the time within which so many of them ended. Empty where none did.
        """
        ...

    async def spenders(self, since: datetime, until: datetime, *, limit: int) -> list[Spender]:
        """Whose jobs ended then, those who spent the most units first."""
        ...

    async def hold_of(self, job_id: int) -> Hold | None: ...

    async def job_shown_in(self, chat_id: int, message_id: int) -> int | None:
        """The job whose message this one of the bot's is."""
        ...


class DraftStore(Protocol):
    """Requests still being put together; they outlive a restart."""

    async def create(self, new: NewDraft, *, now: datetime) -> Draft: ...

    async def get(self, draft_id: int) -> Draft | None: ...

    async def of_message(self, chat_id: int, message_id: int) -> Draft | None:
        """The one this message of the bot's belongs to; the newest where there are several."""
        ...

    async def newest(self, chat_id: int, user_id: int, kind: str) -> Draft | None:
        """What this person began last in this chat."""
        ...

    async def set_message(self, draft_id: int, message_id: int) -> bool:
        """False where there is no such draft (any more), as below."""
        ...

    async def set_data(self, draft_id: int, data: Mapping[str, Any]) -> bool:
        """In place of all that was there."""
        ...

    async def delete(self, draft_id: int) -> bool:
        """True exactly once: whoever gets it may act on the draft."""
        ...

    async def drop_older(self, moment: datetime, *, kind: str | None = None) -> int:
        """Forget what was begun before `moment`, all or of one kind; returns how many there were."""
        ...


class PaceStore(Protocol):
    """Telegram's limits, where several processes keep them together."""

    async def close(self, chat_id: int, *, until: datetime) -> None:
        """After a 429. The later moment counts."""
        ...

    async def closed(self, *, now: datetime) -> dict[int, datetime]:
        """The chats that are closed now, and until when."""
        ...

    async def claim_call(self, chat_id: int, *, spacing: timedelta, now: datetime) -> bool:
        """True for one process in `spacing`: it may make one call to this chat now."""
        ...

    async def forget(self, *, now: datetime) -> int:
        """What holds nobody up any more."""
        ...


class Stores(Protocol):
    """Every store, bound to one transaction."""

    @property
    def users(self) -> UserStore: ...

    @property
    def chats(self) -> ChatStore: ...

    @property
    def quotas(self) -> QuotaStore: ...

    @property
    def jobs(self) -> JobStore: ...

    @property
    def artifacts(self) -> ArtifactStore: ...

    @property
    def verdicts(self) -> VerdictStore: ...

    @property
    def people(self) -> PeopleStore: ...

    @property
    def invites(self) -> InviteStore: ...

    @property
    def forgetting(self) -> ForgettingStore: ...

    @property
    def retention(self) -> RetentionStore: ...

    @property
    def audit(self) -> AuditStore: ...

    @property
    def controls(self) -> ControlStore: ...

    @property
    def paces(self) -> PaceStore: ...

    @property
    def broadcasts(self) -> BroadcastStore: ...

    @property
    def statistics(self) -> StatisticsStore: ...

    @property
    def drafts(self) -> DraftStore: ...


class Storage(Protocol):
    def transaction(self) -> AbstractAsyncContextManager[Stores]:
        """A write transaction: committed at the end of the block, rolled back on an exception."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Stores]:
        """A consistent read-only view; never waits for a writer on SQLite."""
        ...

    @property
    def shared(self) -> bool:
        """Whether other processes may work on it."""
        ...

    async def listen(self, hear: Hear) -> None:
        """For ever: pass on what any process stores. Returns where there is only one."""
        ...

    async def lead(self, what: int) -> Leadership:
        """Waits until no other process does, also while the database is away."""
        ...

    async def close(self) -> None: ...


class BlobStore(Protocol):
    """Pictures by content: the key is the SHA-256 of the bytes, in hex.

    Any of it may raise PicturesAway: the place can't be worked with now, a full disk say. Nothing
    is lost by that, and it may be tried again.
    """

    async def put(self, data: bytes) -> str:
        """Store durably before returning the key. Idempotent; a picture put again is as young as a
        new one, and whole again where it was damaged.
        """
        ...

    async def get(self, key: str) -> bytes:
        """Raises PictureMissing; PictureDamaged, one of that kind, where the bytes aren't those that
        were put.
        """
        ...

    async def delete(self, key: str, *, put_before: datetime | None = None) -> None:
        """Idempotent. With `put_before`, only a picture that wasn't put again since."""
        ...

    async def page(self, *, after: str = "", limit: int) -> list[StoredBlob]:
        """The next `limit` of all pictures, by key, beyond the key `after`."""
        ...

    async def tidy(self, *, before: datetime) -> None:
        """Clear away what was begun before then and never finished."""
        ...
