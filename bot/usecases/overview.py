"""The bot's state at a glance: the queue, the providers, and how today went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from statistics import median

from bot.usecases.engines import Engines
from bot.usecases.pauses import Pauses, PauseState
from bot.usecases.quotas import QuotaRules
from providers.clock import Clock
from providers.gate import Gate
from providers.health import Trouble
from providers.status import Credit
from storage.base import Storage, Stores
from storage.records import User, VerdictCount
from storage.summaries import EndedCount, PersonLoad, QueueSummary

PEOPLE = 5


@dataclass(frozen=True, slots=True)
class ProviderState:
    """rests_for: seconds it gets no work, after what it answered. seconds_left: until its queue is
    done, as far as measured times can tell. is_gone: in the settings no more.
    """

    name: str
    waiting: int
    running: int
    paused: bool = False
    is_gone: bool = False
    rests_for: float = 0.0
    trouble: Trouble | None = None
    credit: Credit | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class QueueView:
    """people: those with the most unfinished jobs, and who they are where they were seen."""

    at: datetime
    pauses: PauseState
    summary: QueueSummary
    providers: tuple[ProviderState, ...]
    people: tuple[tuple[PersonLoad, User | None], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    queue: QueueView
    today: tuple[EndedCount, ...]
    verdicts: tuple[VerdictCount, ...]


class ShowQueue:
    def __init__(
        self,
        storage: Storage,
        engines: Engines,
        gates: Mapping[str, Gate],
        pauses: Pauses,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._engines = engines
        self._gates = gates
        self._pauses = pauses
        self._clock = clock

    async def __call__(self) -> QueueView:
        state = await self._pauses.look()
        async with self._storage.reading() as view:
            return await self.seen_in(view, state)

    async def seen_in(self, view: Stores, state: PauseState) -> QueueView:
        summary = await view.statistics.queue(people=PEOPLE)
        loads = {load.provider: (load.waiting, load.running) for load in summary.providers}
        names = [*self._gates, *(name for name in loads if name not in self._gates)]
        return QueueView(
            at=self._clock.now(),
            pauses=state,
            summary=summary,
            providers=tuple(
                [await self._provider(view, name, *loads.get(name, (0, 0))) for name in names]
            ),
            people=tuple([(each, await view.users.get(each.user_id)) for each in summary.people]),
        )

    async def _provider(self, view: Stores, name: str, waiting: int, running: int) -> ProviderState:
        if (gate := self._gates.get(name)) is None:
            return ProviderState(name, waiting, running, is_gone=True)
        return ProviderState(
            name,
            waiting,
            running,
            paused=gate.paused,
            rests_for=gate.closed_for,
            trouble=gate.trouble,
            credit=gate.credit,
            seconds_left=await self._seconds_left(view, gate, waiting + running),
        )

    async def _seconds_left(self, view: Stores, gate: Gate, jobs: int) -> float | None:
        models = {o.model for o in self._engines.offers if o.provider == gate.provider.name}
        times: list[float] = []
        for model in sorted(models) if jobs else ():
            times += await view.jobs.recent_durations(gate.provider.name, model)
        rounds = -(-jobs // gate.provider.max_concurrency)
        return median(times) * rounds if times else None


class ShowOverview:
    def __init__(
        self,
        storage: Storage,
        show_queue: ShowQueue,
        pauses: Pauses,
        rules: QuotaRules,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._show_queue = show_queue
        self._pauses = pauses
        self._rules = rules
        self._clock = clock

    async def __call__(self) -> Overview:
        state = await self._pauses.look()
        now = self._clock.now()
        today = self._rules.day_at(now).day
        midnight = datetime.combine(today, time.min, self._rules.timezone).astimezone(UTC)
        async with self._storage.reading() as view:
            ended: Sequence[EndedCount] = await view.statistics.ended(midnight, now)
            verdicts: Sequence[VerdictCount] = await view.verdicts.since(today)
            return Overview(
                await self._show_queue.seen_in(view, state), tuple(ended), tuple(verdicts)
            )
