"""What Prometheus reads of this process. Labels name providers and methods, never a person or a prompt.

Every process has numbers of its own; those of the queue are the whole installation's, as each sees it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from bot.usecases.pauses import PauseState
from providers.breaker import BreakerState
from providers.clock import Clock
from providers.gate import Gate
from storage.records import Job, JobState, Outcome
from storage.summaries import QueueSummary

ENDS = (JobState.SUCCEEDED, JobState.CENSORED, JobState.FAILED, JobState.CANCELED)
SECONDS = (1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1800)
"""Of the histograms: from a warm GPU's second to a long wait in the queue."""


class Meters:
    """A registry of its own: two bots in one process (tests) share nothing."""

    def __init__(self, providers: Iterable[str], clock: Clock) -> None:
        self._clock = clock
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._ended = _counter(registry, "jobs_ended", "Jobs ended here", "provider", "outcome")
        self._units = _counter(registry, "units_spent", "Quota units charged", "provider")
        self._took = _seconds(registry, "job_seconds", "From acceptance to the picture")
        self._drew = _seconds(registry, "drawing_seconds", "From the claim to the picture")
        self._calls = _counter(registry, "telegram_calls", "Calls of Telegram", "method", "result")
        self._waiting = _gauge(registry, "jobs_waiting", "Jobs in the queue", "provider")
        self._running = _gauge(registry, "jobs_running", "Jobs being drawn", "provider")
        self._oldest = _gauge(registry, "oldest_job_seconds", "Longest wait in the queue now")
        self._undelivered = _gauge(registry, "undelivered_jobs", "Outcomes not in the chat yet")
        self._database = _gauge(registry, "database_up", "1: the database answered this question")
        self._draining = _gauge(registry, "draining", "1: no new requests are taken")
        self._breaker = _gauge(registry, "breaker_state", "1 for the state", "provider", "state")
        self._closed = _gauge(registry, "provider_rest_seconds", "Until it gets work", "provider")
        self._paused = _gauge(registry, "provider_paused", "1: by an admin's word", "provider")
        self._credit = _gauge(registry, "provider_credit", "What is left", "provider", "unit")
        self._begin(providers)

    def ended(self, job: Job, outcome: Outcome) -> None:
        """A job has its outcome, by this process."""
        provider = outcome.provider or job.provider
        self._ended.labels(provider, outcome.state.value).inc()
        self._units.labels(provider).inc(outcome.units)
        if outcome.state is JobState.SUCCEEDED:
            self._took.labels(provider).observe(self._since(job.created_at))
            self._drew.labels(provider).observe(self._since(job.started_at or job.created_at))

    def called(self, method: str, result: str) -> None:
        self._calls.labels(method, result).inc()

    def show_queue(self, summary: QueueSummary, pauses: PauseState) -> None:
        self._database.set(1)
        self._draining.set(pauses.draining)
        self._waiting.clear()
        self._running.clear()
        for load in summary.providers:
            self._waiting.labels(load.provider).set(load.waiting)
            self._running.labels(load.provider).set(load.running)
        self._oldest.set(self._since(summary.oldest) if summary.oldest else 0)
        self._undelivered.set(summary.undelivered)

    def hide_queue(self) -> None:
        """Nobody knows: the last numbers would look like news."""
        self._database.set(0)
        self._waiting.clear()
        self._running.clear()
        for unknown in (self._oldest, self._undelivered, self._draining):
            unknown.set(float("nan"))

    def show_providers(self, gates: Mapping[str, Gate]) -> None:
        for name, gate in gates.items():
            for state in BreakerState:
                self._breaker.labels(name, state.value).set(gate.breaker_state is state)
            self._closed.labels(name).set(gate.closed_for)
            self._paused.labels(name).set(gate.paused)
            if gate.credit is not None:
                self._credit.labels(name, gate.credit.unit).set(gate.credit.amount)

    def _begin(self, providers: Iterable[str]) -> None:
        """At 0, so that the first of each counts as a rise."""
        for provider in providers:
            for meter in (self._units, self._took, self._drew):
                meter.labels(provider)
            for state in ENDS:
                self._ended.labels(provider, state.value)

    def _since(self, moment: datetime) -> float:
        return max(timedelta(), self._clock.now() - moment).total_seconds()


def _counter(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Counter:
    return Counter(name, text, labels, namespace="imagine", registry=registry)


def _gauge(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Gauge:
    return Gauge(name, text, labels, namespace="imagine", registry=registry)


def _seconds(registry: CollectorRegistry, name: str, text: str) -> Histogram:
    return Histogram(
        name, text, ["provider"], namespace="imagine", registry=registry, buckets=SECONDS
    )
