"""Traces go out where the settings name a collector and the `[otel]` extra is there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from bot.settings import Settings
from bot.usecases.traces import Tell

log = structlog.get_logger(__name__)


@asynccontextmanager
async def telling_traces(settings: Settings) -> AsyncIterator[Tell | None]:
    """None where nobody is told."""
    if settings.otel_exporter_otlp_endpoint is None:
        yield None
        return
    from bot.monitoring.otel import MissingExtra, open_exporter  # noqa: PLC0415 - not every bot's

    try:
        exporter = open_exporter(settings)
    except MissingExtra:
        log.warning("no traces", problem="OTEL_EXPORTER_OTLP_ENDPOINT needs the extra [otel]")
        yield None
        return
    try:
        yield exporter
    finally:
        await exporter.aclose()
