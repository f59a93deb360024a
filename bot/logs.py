"""Structured logs: key=value lines or JSON, with secrets and prompts kept out whoever logs them."""

import logging
import re
import sys
from collections.abc import Collection
from typing import Literal

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

HIDDEN_KEYS = frozenset({"prompt", "negative_prompt", "text", "caption", "query", "spec"})
TOKEN_SHAPES = re.compile(
    r"(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}"  # Telegram bot token; in addresses `bot` stands before it
    r"|\b(?:r8|sk|SG|ak|whsec|hf)_[A-Za-z0-9_+/=-]{8,}"  # service keys
    r"|(?i:bearer|token|key|secret)\s+[A-Za-z0-9._~+/=-]{12,}"
)
REDACTED = "[redacted]"
SHORTEST_SECRET = 4  # hiding anything shorter would garble every line


class Redactor:
    """Drops prompts by key, and secrets wherever they stand: the configured ones and their shapes."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        for key, value in event.items():
            if key in HIDDEN_KEYS:
                event[key] = REDACTED
            elif value is not None and not isinstance(value, int | float):
                event[key] = self.clean(str(value))
        return event

    def clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return TOKEN_SHAPES.sub(REDACTED, text)


def configure_logging(
    level: str, secrets: Collection[str] = (), form: Literal["console", "json"] = "console"
) -> None:
    """Send structlog and the libraries' own logging through one set of processors to stderr."""
    redact = Redactor(secrets)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redact,
        _renderer(form),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in (
        "aiogram.event",
        "aiogram.dispatcher",
        "httpx",
        "httpcore",
        "aiosqlite",
        "alembic",
    ):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _renderer(form: Literal["console", "json"]) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.processors.LogfmtRenderer(
        key_order=["timestamp", "level", "event"], drop_missing=True, bool_as_flag=False
    )
