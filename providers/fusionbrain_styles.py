"""FusionBrain's own styles: a public list, fetched now and then, never with a key."""

import logging
import math
from typing import TYPE_CHECKING

from providers.clock import Clock
from providers.fusionbrain_answers import parse_styles
from providers.urls import DownloadPolicy
from providers.wire import TransferError, UnreadableJson

if TYPE_CHECKING:
    from providers.http import HttpClient

KEPT = 3600.0
RETRY_AFTER = 60.0
PATIENCE = 3.0
"""Seconds. The bot's start waits for the list, and styles aren't worth more."""

_MOST_BYTES = 500_000

logger = logging.getLogger(__name__)


class StyleList:
    def __init__(self, url: str, *, http: "HttpClient", clock: Clock) -> None:
        self._url = url
        self._http = http
        self._clock = clock
        self._names: tuple[str, ...] | None = None
        self._ask_from: float | None = None

    async def names(self, *, deadline: float = math.inf) -> tuple[str, ...] | None:
        """As the service last said; None as long as it hasn't. Raises nothing."""
        now = self._clock.monotonic()
        if self._ask_from is None or now >= self._ask_from:
            fetched = await self._fetch(min(now + PATIENCE, deadline))
            self._names = fetched or self._names
            self._ask_from = now + (KEPT if fetched else RETRY_AFTER)
        return self._names

    async def _fetch(self, deadline: float) -> tuple[str, ...]:
        try:
            answer = await self._http.download(
                self._url,
                policy=DownloadPolicy(self._url),
                deadline=deadline,
                max_bytes=_MOST_BYTES,
            )
            names = parse_styles(answer.json()) if answer.ok else ()
        except (TransferError, UnreadableJson):
            names = ()
        if not names:
            logger.warning("fusionbrain: no list of styles, using the last one known")
        return names
