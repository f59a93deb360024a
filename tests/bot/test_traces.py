"""One trace a job, told over OTLP; and a collector that is away costs nothing."""

import asyncio
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export import SpanExportResult
from structlog.testing import capture_logs

from bot.monitoring.otel import QUEUE, Exporter, Outlet
from bot.usecases.traces import Trace, Traces, trace_of
from providers.errors import GenerationFailed
from providers.testing import FakeProvider, fail
from providers.tracing import Span, span
from storage.records import JobState
from tests.bot.harness import flow
from tests.bot.ports import free_port
from tests.bot.process import ROOT
from tests.bot.test_texts import job_of, spec_of
from tests.fakes.clock import FakeClock
from tests.fakes.collector import Collector

PROMPT = "a fox nobody shall read of"
STEPS = {"update", "accept", "waiting", "work", "submit", "wait for service", "store", "settle"}


async def test_a_picture_leaves_one_trace(tmp_path: Path) -> None:
    async with Collector() as collector:
        url = collector.base_url + "/"
        async with flow(tmp_path, otel_exporter_otlp_endpoint=url) as chat:
            await chat.say(f"/imagine {PROMPT}")
            job = await chat.delivered()
        told = collector.spans
        assert {each.trace for each in told} == {f"{trace_of(job).id:032x}"}
        assert {each.name for each in told} == STEPS | {"deliver", "job"}
        whole = collector.named("job")
        assert whole.id == f"{trace_of(job).job:016x}" and whole.parent == ""
        assert whole.facts == {
            "job.id": 1,
            "job.provider": "fake",
            "job.model": "fake-model",
            "job.mode": "text-to-image",
            "job.outcome": "succeeded",
            "job.delivered": True,
            "job.attempts": 1,
        }
        above = {
            each.name: next((o.name for o in told if o.id == each.parent), "") for each in told
        }
        assert above["accept"] == "update" and above["submit"] == above["settle"] == "work"
        for name in ("update", "waiting", "work", "deliver"):
            assert above[name] == "job"
        assert all(each.began <= each.ended for each in told)
        assert collector.named("submit").facts == {
            "provider": "fake", "model": "fake-model", "images": 1
        }  # fmt: skip


async def test_nothing_private_is_told(tmp_path: Path) -> None:
    async with Collector() as collector:
        settings = {"otel_exporter_otlp_headers": "authorization=Bearer%20of-the-test"}
        url = collector.base_url
        async with flow(tmp_path, otel_exporter_otlp_endpoint=url, **settings) as chat:
            await chat.say(f"/imagine {PROMPT}")
            await chat.delivered()
            person = chat.playground.world.users[1001].first_name
            token = chat.playground.token
        (headers, *_) = [seen.headers for seen in collector.seen("traces")]
        assert headers["Authorization"] == "Bearer of-the-test"
        sent = b"".join(collector.bodies)
        assert b"succeeded" in sent
        for private in (PROMPT, "fox", person, "1001", token, "file_id"):
            assert private.encode() not in sent


async def test_a_failure_is_told_as_one(tmp_path: Path) -> None:
    provider = FakeProvider(lambda _: fail(GenerationFailed("fake", PROMPT)))
    async with Collector() as collector:
        async with flow(tmp_path, provider, otel_exporter_otlp_endpoint=collector.base_url) as chat:
            await chat.say(f"/imagine {PROMPT}")
            await chat.delivered()
        facts = collector.named("job").facts
        assert (facts["job.outcome"], facts["job.reason"]) == ("failed", "generation_failed")
        waited = collector.named("wait for service")
        assert waited.failed and waited.facts["error.type"] == "GenerationFailed"
        assert PROMPT.encode() not in b"".join(collector.bodies)


async def test_what_leads_to_no_job_is_not_told(tmp_path: Path) -> None:
    async with Collector() as collector:
        async with flow(tmp_path, otel_exporter_otlp_endpoint=collector.base_url) as chat:
            await chat.say("/imagine a fox --n 99")
            await chat.see_text("--n")
        assert collector.spans == []


def of_the_library(line: str) -> bool:
    return "opentelemetry" in line or "export" in line.lower()


async def test_a_collector_that_is_away_costs_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with capture_logs() as logs:
        async with flow(tmp_path, otel_exporter_otlp_endpoint=url) as chat:
            await chat.say(f"/imagine {PROMPT}")
            await chat.delivered()
            started = time.monotonic()
        assert time.monotonic() - started < 9
    assert [each["event"] for each in logs if "trace" in each["event"]] == ["traces are lost"]
    assert not [each for each in caplog.messages if of_the_library(each)]


class Sender:
    """The library's exporter, by a script."""

    def __init__(self, *results: bool) -> None:
        self._results = list(results)
        self.shut = 0

    def export(self, _spans: object) -> SpanExportResult:
        return SpanExportResult.SUCCESS if self._results.pop(0) else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        self.shut += 1


def test_news_of_the_collector_is_told_once_each() -> None:
    outlet = Outlet(Sender(True, False, False, True, True, False))
    with capture_logs() as logs:
        for _ in range(6):
            outlet.export([])
    words = [each["event"] for each in logs]
    assert words == ["traces are lost", "traces arrive again", "traces are lost"]


def test_a_stop_does_not_wait_for_who_is_away() -> None:
    sender = Sender(False)
    outlet = Outlet(sender)
    outlet.export([])
    outlet.hurry()
    outlet.export([])  # the sender has no more to say
    outlet.shutdown()
    assert sender.shut == 1


def a_span(clock: FakeClock) -> Span:
    return Span("step", clock.now(), clock.now(), 7, 0, {})


async def test_a_silent_collector_holds_nobody_up_and_nothing_piles_up() -> None:
    """It takes the call and never answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )

        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1/traces"
        exporter = Exporter(Outlet(OTLPSpanExporter(endpoint=url, timeout=0.5)), "test")
        waiting = exporter._provider._active_span_processor._span_processors[0]._batch_processor
        clock = FakeClock()
        for _ in range(3 * QUEUE):
            exporter(Trace(1, 2), a_span(clock))
            assert len(waiting._queue) <= QUEUE
        async with asyncio.timeout(30):
            await exporter.aclose()


def test_every_process_finds_the_same_trace() -> None:
    job = job_of(spec_of("a fox"), JobState.RUNNING, None)
    elsewhere = replace(job, lease="another", attempts=3, chat_id=-5, user_id=-7)
    assert trace_of(job) == trace_of(elsewhere)
    others = [replace(job, id=99), replace(job, created_at=job.created_at + timedelta(seconds=1))]
    assert len({trace_of(each).id for each in (job, *others)}) == 3


def test_without_a_listener_nothing_is_kept() -> None:
    traces = Traces(FakeClock())
    job = job_of(spec_of("a fox"), JobState.RUNNING, None)
    with traces.arriving(), traces.of(job), span("step", part=1) as facts:
        facts["more"] = 2
    traces.claimed(job)
    traces.delivered(job, delivered=True)


WITHOUT = """
import asyncio, sys
from structlog.testing import capture_logs

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Blocker())
from bot.monitoring.traces import telling_traces
from bot.settings import Settings

async def main():
    settings = Settings(_env_file=None, otel_exporter_otlp_endpoint="http://127.0.0.1:4318")
    with capture_logs() as logs:
        async with telling_traces(settings) as tell:
            assert tell is None
    print(*(line["event"] + ": " + line["problem"] for line in logs), sep="\\n")

asyncio.run(main())
"""


def test_without_the_extra_one_line_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "no traces: OTEL_EXPORTER_OTLP_ENDPOINT needs the extra [otel]\n"
