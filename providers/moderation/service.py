"""An OpenAI-compatible moderation endpoint as a judge of prompts."""

import json
from typing import TYPE_CHECKING

import structlog

from providers.clock import Clock
from providers.moderation.base import SERVICE
from providers.moderation.service_answers import Judgement, UnreadableVerdict, read_judgement
from providers.types import Verdict, VerdictStatus
from providers.wire import Request, TransferError, UnreadableJson

if TYPE_CHECKING:
    from providers.http import HttpClient

PATIENCE = 4.0
"""Seconds for one verdict, asking again included: somebody is waiting for the first answer."""

FIRST_PAUSE = 5.0
LONGEST_PAUSE = 60.0
"""Seconds it isn't asked after a failure; doubles while it stays down."""

ANSWER_BYTES = 100_000

log = structlog.get_logger(__name__)


class Down(Exception):
    """There is no verdict; says why in a word or two, for the log."""


class ModerationService:
    """A PromptModerator. Down or unreadable, its verdict is `unchecked`, and for a while nobody waits
    to hear it again; then one request tries, and the others go on without.
    """

    source = SERVICE

    def __init__(
        self, base_url: str, *, api_key: str | None, model: str, http: "HttpClient", clock: Clock
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/moderations"
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._model = model
        self._http = http
        self._clock = clock
        self._failures = 0
        self._not_before = clock.monotonic()

    async def check(self, prompt: str) -> Verdict:
        now = self._clock.monotonic()
        if now < self._not_before:
            return self._verdict(VerdictStatus.UNCHECKED)
        if self._failures:
            self._not_before = now + PATIENCE  # this one tries
        try:
            judgement = await self._ask(prompt, now + PATIENCE)
        except Down as error:
            self._rest(str(error))
            return self._verdict(VerdictStatus.UNCHECKED)
        if self._failures:
            log.info("moderation service is back")
        self._failures, self._not_before = 0, now
        status = VerdictStatus.BLOCKED if judgement.flagged else VerdictStatus.ALLOWED
        return self._verdict(status, judgement.categories)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _ask(self, prompt: str, deadline: float) -> Judgement:
        """Raises Down."""
        request = Request(
            method="POST",
            url=self._url,
            headers=self._headers,
            body=json.dumps({"model": self._model, "input": prompt}).encode(),
            deadline=deadline,
            max_bytes=ANSWER_BYTES,
            repeatable=True,  # it costs nothing and changes nothing
        )
        try:
            answer = await self._http.send(request)
            if not answer.ok:
                raise Down(f"HTTP {answer.status}")
            return read_judgement(answer.json())
        except (TransferError, UnreadableJson, UnreadableVerdict) as error:
            raise Down(type(error).__name__) from error

    def _rest(self, why: str) -> None:
        pause = min(FIRST_PAUSE * 2 ** min(self._failures, 9), LONGEST_PAUSE)
        self._not_before = self._clock.monotonic() + pause
        self._failures += 1
        log.warning("moderation service is down", why=why, pause=pause)

    def _verdict(self, status: VerdictStatus, categories: tuple[str, ...] = ()) -> Verdict:
        return Verdict(status, "prompt", self.source, categories)
