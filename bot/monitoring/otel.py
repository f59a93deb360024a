"""Spans in OpenTelemetry's form, sent over OTLP by a thread of the library's.

The queue is bounded and the oldest go first, so a collector that is away costs neither time nor
memory; it is told once. The trace's and the job's ids are ours to give, so that all processes agree.
"""

import asyncio
import logging
import os
import platform
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from bot.settings import Settings
from bot.settings_words import parse_headers
from bot.usecases.traces import Trace
from providers.tracing import Span

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

QUEUE = 2048  # spans; a job has about fifteen
EVERY = 2000  # milliseconds
PATIENCE = 2.0  # seconds for the collector; a stop may have to wait for it once

log = structlog.get_logger(__name__)


class MissingExtra(Exception):
    """The libraries aren't installed."""


class Ids:
    """The library asks for the ids of what begins; these are the next ones."""

    trace = 0
    span = 0

    def generate_trace_id(self) -> int:
        return self.trace

    def generate_span_id(self) -> int:
        return self.span

    def is_trace_id_random(self) -> bool:
        return False


class Outlet:
    """Around the library's own exporter: news about the collector are told, once each."""

    def __init__(self, exporter: "SpanExporter") -> None:
        self._exporter = exporter
        self._is_away = False
        self._is_closing = False

    def export(self, spans: Sequence[Any]) -> Any:
        if self._is_away and self._is_closing:
            return None
        result = self._exporter.export(spans)
        if (is_away := result.name != "SUCCESS") != self._is_away:
            self._is_away = is_away
            log.warning("traces are lost" if is_away else "traces arrive again")
        return result

    def hurry(self) -> None:
        """What can't be sent now is dropped."""
        self._is_closing = True
        if self._is_away:
            self._exporter.shutdown()  # it may be waiting for its next try

    def shutdown(self) -> None:
        if not (self._is_away and self._is_closing):
            self._exporter.shutdown()


class Exporter:
    """Implements `Tell`."""

    def __init__(self, outlet: Outlet, service: str) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ALWAYS_ON

        self._outlet = outlet
        self._ids = Ids()
        instance = f"{platform.node()}-{os.getpid()}"
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource.create({"service.name": service, "service.instance.id": instance}),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(outlet, QUEUE, EVERY, export_timeout_millis=PATIENCE * 1000)
        )
        self._tracer = self._provider.get_tracer("imagine-bot")

    def __call__(self, trace: Trace, span: Span) -> None:
        from opentelemetry.trace import Status, StatusCode

        self._ids.trace, self._ids.span = trace.id, span.id
        context = self._below(trace, span.parent or trace.job) if span.id != trace.job else None
        facts = span.facts | ({"error.type": span.failed} if span.failed else {})
        begun = self._tracer.start_span(
            span.name, context, attributes=facts, start_time=_nanoseconds(span.began)
        )
        if span.failed:
            begun.set_status(Status(StatusCode.ERROR, span.failed))
        begun.end(_nanoseconds(span.ended))

    def _below(self, trace: Trace, parent: int) -> Any:
        from opentelemetry.trace import (
            NonRecordingSpan,
            SpanContext,
            TraceFlags,
            set_span_in_context,
        )

        above = SpanContext(trace.id, parent, is_remote=True, trace_flags=TraceFlags(1))
        return set_span_in_context(NonRecordingSpan(above))

    async def aclose(self) -> None:
        """What waits is sent, if the collector is there to take it."""
        self._outlet.hurry()
        await asyncio.to_thread(self._provider.shutdown)


def open_exporter(settings: Settings) -> Exporter:
    """Raises MissingExtra."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
            OTLPSpanExporter,
        )
    except ModuleNotFoundError as error:
        raise MissingExtra from error
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # the outlet says it, once
    headers = settings.otel_exporter_otlp_headers
    sender = OTLPSpanExporter(
        endpoint=f"{settings.otel_exporter_otlp_endpoint}/v1/traces",
        headers=parse_headers(headers.get_secret_value()) if headers else {},
        timeout=PATIENCE,
    )
    return Exporter(Outlet(sender), settings.otel_service_name)


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000
