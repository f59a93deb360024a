"""Claims jobs and runs them: bounded per provider, under a lease kept alive, stopped gracefully."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta

import structlog

from bot.running import JobWatcher, Running
from bot.usecases.clock_jumps import ClockJumps
from bot.usecases.engines import Engines
from bot.usecases.outage import Outage, waits_out
from bot.usecases.pauses import Pauses
from bot.usecases.redirect import Redirect
from bot.usecases.route import OnHold
from bot.usecases.run_job import RunJob
from bot.usecases.traces import Traces
from providers.clock import Clock
from providers.gate import Gate
from providers.tracing import span
from storage.base import Storage, Stores
from storage.errors import DatabaseAway
from storage.records import Heartbeat, JobState, Outcome

LEASE = timedelta(seconds=30)
HEARTBEAT = 5.0  # seconds
IDLE_POLL = 2.0  # seconds between looks at the queue when nobody rings
REAP_EVERY = 1.0
FINISH_GRACE = 5.0  # seconds running work may take to end once stopping
CALL_GRACE = 1.5  # and then a call in hand, so that its answer is on record

log = structlog.get_logger(__name__)


class Worker:
    def __init__(
        self,
        storage: Storage,
        engines: Engines,
        run_job: RunJob,
        watcher: JobWatcher,
        clock: Clock,
        *,
        gates: Mapping[str, Gate],
        pauses: Pauses,
        jumps: ClockJumps,
        max_running_per_user: int,
        claims: Collection[str] | None = None,
        ends_gone: bool = True,
        traces: Traces | None = None,
    ) -> None:
        """claims: the providers whose jobs are taken here, None for all. ends_gone: also those of
        providers that nobody has any more, so that they end in words.
        """
        self._storage = storage
        self._engines = engines
        self._run_job = run_job
        self._watcher = watcher
        self._clock = clock
        self._gates = gates
        self._pauses = pauses
        self._jumps = jumps
        self._redirect = Redirect(engines)
        self._max_running_per_user = max_running_per_user
        self._claims = engines.providers.keys() if claims is None else claims
        self._ends_gone = ends_gone
        self._traces = traces or Traces(clock)
        self._bell = asyncio.Event()
        self._stopping = asyncio.Event()
        self._running: dict[int, Running] = {}
        self._outage = Outage("Worker", clock)
        self._finish_grace, self._idle_poll = FINISH_GRACE, IDLE_POLL
        self._gone: list[str] = []  # providers with jobs left, but in the settings no more

    def ring(self) -> None:
        """Something was queued, or a slot came free."""
        self._bell.set()

    def cancel(self, job_id: int) -> None:
        """Interrupt a job that runs here; one that runs elsewhere sees the stored mark."""
        if job_id in self._running:
            self._running[job_id].interrupt("cancel")

    def stop(self) -> None:
        """Claim nothing more; `run` returns when the running work has ended or is handed back."""
        self._stopping.set()
        self._bell.set()

    async def run(self) -> None:
        self._gone = await self._providers_gone()
        async with asyncio.TaskGroup() as group:
            reaper = group.create_task(self._reap_forever())
            while not self._stopping.is_set():
                self._bell.clear()
                pause = await self._take_all(group)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._bell.wait(), pause)
            reaper.cancel()
            await self._wind_up()

    async def _take_all(self, group: asyncio.TaskGroup) -> float:
        """Begin with whatever has room now. Returns seconds until the next look."""
        try:
            claimed = await self._claim_all()
        except DatabaseAway:
            self._redirect.start_over()
            return self._outage.failed()
        self._outage.worked()
        for running in claimed:
            self._running[running.job.id] = running
            group.create_task(self._work(running))
        return self._idle_poll

    async def _claim_all(self) -> list[Running]:
        """In one transaction."""
        await self._jumps.settle()
        paused = (await self._pauses.look()).providers
        claimed: list[Running] = []
        if not self._free_providers(claimed):
            return claimed
        async with self._storage.transaction() as tx:
            await self._redirect(tx, paused)
            while (free := self._free_providers(claimed)) and (job := await self._claim(tx, free)):
                claimed.append(job)
        return claimed

    async def _claim(self, tx: Stores, providers: list[str]) -> Running | None:
        lease, now = secrets.token_hex(8), self._clock.now()
        job = await tx.jobs.claim(
            lease=lease,
            lease_until=now + LEASE,
            providers=providers,
            max_running_per_user=self._max_running_per_user,
            now=now,
        )
        return Running(job, lease) if job is not None else None

    def _free_providers(self, claimed: Iterable[Running]) -> list[str]:
        state = self._pauses.state
        if state.everything:
            return []
        busy = Counter(running.job.provider for running in (*self._running.values(), *claimed))
        working = [name for name in self._claims if name not in state.providers]
        free = [name for name in working if busy[name] < self._room(name)]
        # A job whose provider is gone may be left with a paused one: it waits as well.
        return free if state.providers else free + self._gone

    def _room(self, provider: str) -> int:
        """How many of its jobs may run. Those of one that takes no work now go elsewhere; what each
        provider works on at once is bounded by its gate.
        """
        if self._gates[provider].is_well:
            return self._engines.providers[provider].max_concurrency
        return sum(each.max_concurrency for each in self._engines.providers.values())

    @waits_out
    async def _providers_gone(self) -> list[str]:
        """Their jobs would wait for ever."""
        if not self._ends_gone:
            return []
        async with self._storage.reading() as view:
            wanted = (await view.statistics.queue(people=0)).providers
        return sorted({load.provider for load in wanted} - set(self._engines.providers))

    async def _work(self, running: Running) -> None:
        job = running.job
        structlog.contextvars.bind_contextvars(job=job.id, user=job.user_id)
        try:
            self._watcher.started(job)
            self._traces.claimed(job)
            with self._traces.of(job), span("work", attempt=job.attempts):
                has_ended = await self._run_guarded(running)
            if has_ended:
                self._watcher.ended(job)
        except* Exception:  # storage failed under it: the lease runs out and the job is tried again
            log.exception("job left to its lease")
        finally:
            if self._running.get(job.id) is running:  # its lease may have run out, and it is back
                del self._running[job.id]
                if running.why in {"lost", "stop"}:
                    self._watcher.lost(job)
            self.ring()

    async def _run_guarded(self, running: Running) -> bool:
        """True: the job has its outcome."""
        if running.why is not None:  # told to stop before it began
            return await self._after_interruption(running)
        async with asyncio.TaskGroup() as group:
            running.task = group.create_task(self._attempt(running))
            heart = group.create_task(self._keep_lease(running))
            await asyncio.wait({running.task})
            heart.cancel()
        if not running.task.cancelled():
            return running.task.result()
        return await self._after_interruption(running)

    async def _attempt(self, running: Running) -> bool:
        job, lease = running.job, running.lease
        if job.cancel_requested:
            return await self._run_job.cancel(job, lease)
        try:
            return await self._run_job(
                job, lease, lambda progress: self._watcher.progressed(job, progress)
            )
        except DatabaseAway:  # not waited out: the lease runs out and the job is tried again
            raise
        except OnHold:  # paused just now
            await self._hand_back(running)
            self._watcher.requeued(job)
            return False
        except Exception:  # one job's bug must not stop the others: it ends in words
            reference = secrets.token_hex(4)
            log.exception("job crashed", reference=reference)
            outcome = Outcome(
                JobState.FAILED, reason="internal", reason_data={"reference": reference}
            )
            return await self._run_job.finish(job, lease, outcome)

    async def _after_interruption(self, running: Running) -> bool:
        if running.why == "cancel":
            await self._run_job.cancel(running.job, running.lease)
            return True  # if not by this, then by the very end it was interrupted in
        if running.why == "stop":
            await self._hand_back(running)
        return False

    @waits_out
    async def _hand_back(self, running: Running) -> None:
        async with self._storage.transaction() as tx:
            handed_back = await tx.jobs.hand_back(running.job.id, running.lease)
        log.info("job handed back", done=handed_back)

    async def _keep_lease(self, running: Running) -> None:
        while True:
            await self._clock.sleep(HEARTBEAT)
            beat = await self._beat(running)
            if not beat.alive:
                running.interrupt("lost")
            elif beat.cancel_requested:
                running.interrupt("cancel")

    @waits_out
    async def _beat(self, running: Running) -> Heartbeat:
        until = self._clock.now() + LEASE
        async with self._storage.transaction() as tx:
            beat = await tx.jobs.heartbeat(running.job.id, running.lease, lease_until=until)
        if beat.alive:
            self._watcher.kept(running.job, until)
        return beat

    async def _reap_forever(self) -> None:
        while True:
            try:
                await self._reap()
            except DatabaseAway:
                await self._await_database()
                # Nobody could keep a lease meanwhile: whoever lives has this time to say so.
                await self._clock.sleep(HEARTBEAT)
            await self._clock.sleep(REAP_EVERY)

    async def _reap(self) -> None:
        await self._jumps.settle()
        if not self._jumps.is_settled:
            return
        async with self._storage.transaction() as tx:
            expired = await tx.jobs.requeue_expired(now=self._clock.now())
        for job in expired:
            log.warning("lease expired, job requeued", job=job.id)
            self._watcher.requeued(job)
        if expired:
            self._redirect.start_over()
            self.ring()

    @waits_out
    async def _await_database(self) -> None:
        async with self._storage.reading():
            pass

    async def _wind_up(self) -> None:
        tasks: Mapping[asyncio.Task[bool], Running] = {
            running.task: running for running in self._running.values() if running.task
        }
        for grace in (self._finish_grace, CALL_GRACE):
            late = (await asyncio.wait(tasks, timeout=grace))[1] if tasks else ()
            for task in late:
                tasks[task].interrupt("stop")
