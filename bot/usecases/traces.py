"""One trace a job, whichever processes work for it: each knows the trace's id by the job alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from typing import NamedTuple, Protocol

from bot.usecases.spec import JobSpec
from providers.clock import Clock
from providers.tracing import Facts, Span, Trail, laid, new_id
from storage.records import Job


class Trace(NamedTuple):
    """id: 128 bits. job: the id of the span that stands for the job, and holds all the others."""

    id: int
    job: int


class Tell(Protocol):
    """Must return at once."""

    def __call__(self, trace: Trace, span: Span) -> None: ...


def trace_of(job: Job) -> Trace:
    """The same in every process. A job's number alone would be another installation's as well."""
    digest = sha256(f"{job.id} {int(job.created_at.timestamp())}".encode()).digest()
    return Trace(int.from_bytes(digest[:16]), int.from_bytes(digest[16:24]))


class Arrival:
    """What an update leads to: kept back until a job comes of it, else dropped."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self.job: Job | None = None

    def keep(self, span: Span) -> None:
        self._spans.append(span)

    def tell(self, tell: Tell) -> None:
        if self.job is not None:
            for each in self._spans:
                tell(trace_of(self.job), each)


_arrival: ContextVar[Arrival | None] = ContextVar("arrival", default=None)


def accepted(job: Job) -> None:
    """The update in hand has led to this job."""
    if (arrival := _arrival.get()) is not None:
        arrival.job = job


class Traces:
    """tell: None where nobody wants to know."""

    def __init__(self, clock: Clock, tell: Tell | None = None) -> None:
        self._clock = clock
        self._tell = tell

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """Around the handling of one update."""
        if self._tell is None:
            yield
            return
        arrival = Arrival()
        token = _arrival.set(arrival)
        try:
            with laid(Trail(arrival.keep, self._clock)):
                yield
        finally:
            _arrival.reset(token)
            arrival.tell(self._tell)

    @contextmanager
    def of(self, job: Job) -> Iterator[None]:
        """Around work for this job."""
        if (tell := self._tell) is None:
            yield
            return
        trace = trace_of(job)
        with laid(Trail(lambda span: tell(trace, span), self._clock)):
            yield

    def claimed(self, job: Job) -> None:
        """It has waited until now; a second try has waited for the first one's lease, too."""
        if self._tell is not None and job.attempts == 1:
            now = job.started_at or self._clock.now()
            self._tell(trace_of(job), Span("waiting", job.created_at, now, new_id(), 0, {}))

    def delivered(self, job: Job, *, delivered: bool) -> None:
        """All is over: the job itself, which holds all the rest."""
        if self._tell is None:
            return
        trace = trace_of(job)
        facts: Facts = {
            "job.id": job.id,
            "job.provider": job.provider,
            "job.model": job.model,
            "job.mode": JobSpec.load(job.spec).request.mode.value,
            "job.outcome": job.state.value,
            "job.delivered": delivered,
            "job.attempts": job.attempts,
        }
        if job.reason is not None:
            facts["job.reason"] = job.reason
        now = self._clock.now()
        self._tell(trace, Span("job", job.created_at, now, trace.job, 0, facts))
