"""Turns a job's outcome into the one message the user sees, until Telegram has taken it.

Delivery is its own small machine: it reads settled outcomes from storage, edits the status message
into the result (so repeating it after a crash changes nothing), and ends as delivered or as
undeliverable. How an outcome looks is in `outcome_messages.py`; here is when it is tried, and what
follows from Telegram's answers.

Where a preview has turned the status message into a photo and the outcome is no picture, the
message is deleted and the words get one of their own: a photo can't become text, and what was
censored must not stay.
"""

import asyncio
import math
import secrets
from contextlib import suppress
from datetime import timedelta

import structlog

from bot.i18n import _, use_locale
from bot.inline_delivery import InlineDelivery, Later
from bot.outcome_messages import OutcomeMessages
from bot.pictures.encoding import UnreadablePicture
from bot.status import StatusBoard
from bot.telegram.errors import TELEGRAM_FAILURES, Fate, Judgement, judge
from bot.telegram.pace import Pace, backoff
from bot.texts import everyday as texts
from bot.usecases.chat_settings import plan_deletion
from bot.usecases.chats import migrate
from bot.usecases.clock_jumps import ClockJumps
from bot.usecases.outage import Outage, waits_out
from bot.usecases.traces import Traces
from providers.clock import Clock
from providers.tracing import span
from storage.base import Storage, Stores
from storage.errors import DatabaseAway, PictureMissing, PicturesAway
from storage.records import Job, JobState

LEASE = timedelta(seconds=90)
AT_ONCE = 8
IDLE_POLL = 2.0  # seconds
GIVE_UP_AFTER = timedelta(hours=24)  # Telegram itself keeps nothing longer
CRASHES = 3  # tries that may fail for a reason nobody knows
LONGEST_PAUSE = 60.0  # seconds between tries while Telegram is down

PASSING = frozenset({Fate.DONE, Fate.WAIT, Fate.NO_MESSAGE, Fate.NO_TEXT, Fate.MOVED, Fate.UNKNOWN})
"""After these the same words may still come through."""

log = structlog.get_logger(__name__)


class Delivery:
    def __init__(
        self,
        *,
        storage: Storage,
        messages: OutcomeMessages,
        board: StatusBoard,
        inline: InlineDelivery,
        pace: Pace,
        jumps: ClockJumps,
        clock: Clock,
        traces: Traces | None = None,
    ) -> None:
        self._storage = storage
        self._messages = messages
        self._board = board
        self._inline = inline
        self._pace = pace
        self._jumps = jumps
        self._clock = clock
        self._traces = traces or Traces(clock)
        self._bell = asyncio.Event()
        self._stopping = asyncio.Event()
        self._free_slots = AT_ONCE
        self._idle_poll = IDLE_POLL
        self._postponed_until = math.inf  # on the monotonic clock: the earliest of them
        self._outage = Outage("Delivery", clock)

    @property
    def is_busy(self) -> bool:
        """Whether an outcome is on its way right now."""
        return self._free_slots < AT_ONCE

    def ring(self) -> None:
        """A job got its outcome."""
        self._bell.set()

    def stop(self) -> None:
        """Deliver what is due, start nothing later; `run` then returns."""
        self._stopping.set()
        self._bell.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                self._bell.clear()
                pause = await self._deliver_due(group)
                if self._stopping.is_set() and self._free_slots == AT_ONCE:
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._bell.wait(), pause)

    def _pause(self) -> float:
        """Seconds until someone may have become due without ringing: another process's, or postponed."""
        until_postponed = self._postponed_until - self._clock.monotonic()
        if until_postponed <= 0:
            self._postponed_until = math.inf
        return min(self._idle_poll, max(0.0, until_postponed))

    async def _deliver_due(self, group: asyncio.TaskGroup) -> float:
        """As many as there are slots for. Returns seconds until the next look."""
        try:
            claimed = await self._claim()
        except DatabaseAway:
            return self._outage.failed()
        self._outage.worked()
        self._free_slots -= len(claimed)
        for job in claimed:
            group.create_task(self._deliver(job))
        return self._pause()

    async def _claim(self) -> list[Job]:
        if self._free_slots == 0:
            return []
        await self._jumps.settle()
        now, slots = self._clock.now(), self._free_slots

        async def claim(tx: Stores) -> list[Job]:
            claimed: list[Job] = []
            while len(claimed) < slots and (
                job := await tx.jobs.claim_delivery(now=now, lease_until=now + LEASE)
            ):
                claimed.append(job)
            return claimed

        return await self._storage.write(claim)

    async def _deliver(self, job: Job) -> None:
        structlog.contextvars.bind_contextvars(job=job.id, user=job.user_id)
        with self._traces.of(job), span("deliver", attempt=job.delivery_attempts):
            await self._deliver_claimed(job)

    async def _deliver_claimed(self, job: Job) -> None:
        try:
            self._pace.owe(job.chat_id, job.id)
            message_id = await self._board.close(job.id) or job.status_message_id
            closed_for = self._pace.closed_for(job.chat_id)
            if job.inline_message_id is not None:
                await self._deliver_inline(job)
            elif closed_for:
                await self._postpone(job, closed_for)
            else:
                with use_locale(job.language):
                    await self._try(job, message_id)
        except DatabaseAway:  # shown or not: it may be shown again
            await self._postpone(job, 0.0)
        except Exception:  # storage failed under it, say: it is tried again when its lease is over
            log.exception("delivery left to its lease")
        finally:
            self._free_slots += 1
            if self._free_slots == 1 or self._stopping.is_set():
                self._bell.set()  # others may be waiting for a slot

    async def _deliver_inline(self, job: Job) -> None:
        match await self._inline(job):
            case Later(seconds):
                await self._postpone(job, seconds)
            case ended:
                await self._end(job, delivered=ended.delivered)

    async def _try(self, job: Job, message_id: int | None) -> None:
        try:
            message_id = message_id or await self._messages.begin(job)
            await self._messages.show(job, message_id)
        except TELEGRAM_FAILURES as error:
            await self._after_failure(job, message_id, judge(error))
        except DatabaseAway:
            raise
        except PicturesAway:
            await self._postpone(job, backoff(job.delivery_attempts, LONGEST_PAUSE))
        except Exception as error:  # noqa: BLE001 - logged there, and must not stop the others
            await self._after_crash(job, message_id, error)
        else:
            await self._end(job, delivered=True)

    async def _after_failure(self, job: Job, message_id: int | None, judgement: Judgement) -> None:
        # Where Telegram is down, thousands of outcomes may be tried every minute.
        say = log.info if job.delivery_attempts == 1 else log.debug
        say("delivery failed", fate=judgement.fate.name, attempt=job.delivery_attempts)
        match judgement.fate:
            case Fate.DONE:
                await self._end(job, delivered=True)
            case Fate.WAIT:
                self._pace.close(job.chat_id, judgement.seconds)
                await self._postpone(job, judgement.seconds)
            case Fate.NO_MESSAGE:
                await self._start_anew(job)
            case Fate.NO_TEXT if message_id is not None:
                await self._take_away(job, message_id)
            case Fate.MOVED:
                await self._follow(job, judgement.new_chat_id)
            case Fate.UNKNOWN:
                await self._postpone(job, backoff(job.delivery_attempts, LONGEST_PAUSE))
            case _ if job.state is JobState.SUCCEEDED:
                # Telegram won't have the picture here: no right to send photos, say.
                await self._say_instead(job, message_id, _(texts.NOT_SHOWN))
            case _:
                await self._end(job, delivered=False)

    async def _after_crash(self, job: Job, message_id: int | None, error: Exception) -> None:
        """Damaged for good: say so in words. Anything else may pass, and is tried again first."""
        reference = secrets.token_hex(4)
        log.error("delivery crashed", reference=reference, exc_info=error)
        lost = isinstance(error, PictureMissing | UnreadablePicture)
        if not lost and job.delivery_attempts < CRASHES:
            await self._postpone(job, backoff(job.delivery_attempts, LONGEST_PAUSE))
        elif job.state is JobState.SUCCEEDED:
            await self._say_instead(job, message_id, texts.picture_lost(reference))
        else:
            await self._say_instead(job, message_id, texts.unexpected(reference))

    async def _say_instead(self, job: Job, message_id: int | None, text: str) -> None:
        try:
            await self._messages.say(job, message_id or await self._messages.begin(job), text)
        except TELEGRAM_FAILURES as error:
            judgement = judge(error)
            if judgement.fate in PASSING:
                await self._after_failure(job, message_id, judgement)
            else:
                log.info("delivery given up", fate=judgement.fate.name)
                await self._end(job, delivered=False)
        else:
            await self._end(job, delivered=True)

    async def _take_away(self, job: Job, message_id: int) -> None:
        """A preview stands where words are due. A bot may delete its own messages for 48 hours, and
        none of ours waits so long for its outcome.
        """
        try:
            await self._messages.take_away(job, message_id)
        except TELEGRAM_FAILURES as error:
            judgement = judge(error)
            if judgement.fate is not Fate.NO_MESSAGE:
                await self._after_failure(job, message_id, judgement)
                return
        await self._start_anew(job)

    @waits_out
    async def _start_anew(self, job: Job) -> None:
        """Someone deleted the status message: the result gets a message of its own."""
        async with self._storage.transaction() as tx:
            await tx.jobs.clear_status_message(job.id)
        await self._postpone(job, 0.0)

    @waits_out
    async def _follow(self, job: Job, new_chat_id: int) -> None:
        async with self._storage.transaction() as tx:
            await migrate(tx, job.chat_id, new_chat_id, self._clock.now())
        await self._postpone(job, 0.0)

    @waits_out
    async def _postpone(self, job: Job, seconds: float) -> None:
        if await self._is_too_late(job.id):
            await self._end(job, delivered=False)
            return
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            await tx.jobs.postpone_delivery(job.id, until=now + timedelta(seconds=seconds))
        self._pace.owe(job.chat_id, job.id, seconds)
        self._postponed_until = min(self._postponed_until, self._clock.monotonic() + seconds)

    async def _is_too_late(self, job_id: int) -> bool:
        """By the times on record: somebody may have set the clock since the job was read."""
        await self._jumps.settle()
        async with self._storage.reading() as view:
            job = await view.jobs.get(job_id)
        if job is None or job.finished_at is None:
            return False
        return self._clock.now() - job.finished_at > GIVE_UP_AFTER

    @waits_out
    async def _end(self, job: Job, *, delivered: bool) -> None:
        async def end(tx: Stores) -> None:
            await tx.jobs.end_delivery(job.id, delivered=delivered)
            if delivered:
                await plan_deletion(tx, job, self._clock.now())

        await self._storage.write(end)
        self._pace.settle(job.chat_id, job.id)
        self._traces.delivered(job, delivered=delivered)
        log.info("delivery ended", delivered=delivered)
