"""Replicate's HTTP API (https://replicate.com/docs/reference/http), one method a call."""

import asyncio
import json
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal, TypeVar

from providers.clock import Clock
from providers.errors import BadAnswer, OutcomeUnknown, ProviderError
from providers.http import HttpClient
from providers.replicate_answers import (
    NAME,
    Prediction,
    asking_error,
    parse_prediction,
    parse_secret,
    polling_error,
    refusal,
    wait_hint,
)
from providers.replicate_listing import Listed, parse_page
from providers.retries import read_again
from providers.translation import following, submitting
from providers.urls import same_origin
from providers.wire import Answer, Request, UnsafeUrl

LARGE_JSON = 500_000
"""Bytes from which an answer is decoded off the event loop."""

MOST_PAGES = 100
"""Of the list of predictions: ten thousand of them."""

NOT_FOUND = 404

Read = TypeVar("Read")


class ReplicateApi:
    """base_url: the API's root, with `/v1`. `authorization` is for its own addresses alone."""

    def __init__(
        self,
        api_token: str,
        *,
        base_url: str,
        http: HttpClient,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.authorization = {"Authorization": f"Bearer {api_token}"}
        self._http = http
        self._clock = clock
        self._jitter = jitter

    async def create(
        self, payload: Mapping[str, object], *, cancel_after: str, deadline: float
    ) -> Prediction:
        """Raises what `ImageProvider.submit` does."""
        with submitting(NAME):
            answer = await self._send(
                "POST",
                f"{self.base_url}/predictions",
                deadline,
                body=json.dumps(payload).encode(),
                headers={"Content-Type": "application/json", "Cancel-After": cancel_after},
            )
            if not answer.ok:
                raise refusal(answer)
            return await _read(answer, parse_prediction)

    async def prediction(self, remote_id: str, *, deadline: float) -> Prediction:
        url = f"{self.base_url}/predictions/{remote_id}"
        return await self._get(url, parse_prediction, polling_error, deadline)

    async def cancel(self, remote_id: str, *, deadline: float) -> int:
        """The answer's status. Raises TransferError."""
        url = f"{self.base_url}/predictions/{remote_id}/cancel"
        return (await self._send("POST", url, deadline, repeatable=True)).status

    async def created_since(self, earliest: datetime, *, deadline: float) -> list[Listed]:
        """Raises ProviderError where any of it can't be had."""
        after = earliest.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        url: str | None = f"{self.base_url}/predictions?created_after={after}"
        listed: list[Listed] = []
        for _ in range(MOST_PAGES):
            if url is None:
                return listed
            page = await self._get(url, parse_page, asking_error, deadline)
            listed.extend(page.predictions)
            # Should the filter be passed over, the order still tells where to stop.
            if any(each.created < earliest for each in page.predictions):
                return listed
            url = self._own(page.next)
        raise OutcomeUnknown(NAME, f"more than {MOST_PAGES} pages of predictions")

    async def check_account(self, *, deadline: float) -> None:
        """Raises ProviderError: Unauthorized where the token isn't taken."""
        await self._get(f"{self.base_url}/account", lambda _account: None, asking_error, deadline)

    async def has_version(self, remote_name: str, *, deadline: float) -> bool:
        """Whether `owner/name:version` is still there."""
        model, _, version = remote_name.partition(":")
        with following(NAME):
            answer = await self._send(
                "GET", f"{self.base_url}/models/{model}/versions/{version}", deadline
            )
        if answer.ok or answer.status == NOT_FOUND:
            return answer.ok
        raise asking_error(answer)

    async def webhook_secret(self, *, deadline: float) -> str:
        url = f"{self.base_url}/webhooks/default/secret"
        return await self._get(url, parse_secret, asking_error, deadline)

    def _own(self, url: str | None) -> str | None:
        """The address, where our token may go there."""
        try:
            if url is None or same_origin(url, self.base_url):
                return url
        except UnsafeUrl:
            pass
        raise BadAnswer(NAME, "a next page at another host")

    async def _get(
        self,
        url: str,
        read: Callable[[object], Read],
        error: Callable[[Answer], ProviderError],
        deadline: float,
    ) -> Read:
        async def once() -> Read:
            with following(NAME):
                answer = await self._send("GET", url, deadline)
                if not answer.ok:
                    raise error(answer)
                return await _read(answer, read)

        return await read_again(
            once, BadAnswer, clock=self._clock, deadline=deadline, jitter=self._jitter
        )

    async def _send(
        self,
        method: Literal["GET", "POST"],
        url: str,
        deadline: float,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        return await self._http.send(
            Request(
                method=method,
                url=url,
                deadline=deadline,
                headers={**self.authorization, **(headers or {})},
                body=body,
                repeatable=repeatable,
                wait_hint=wait_hint,
            )
        )


async def _read(answer: Answer, read: Callable[[object], Read]) -> Read:
    if len(answer.body) < LARGE_JSON:
        return read(answer.json())
    return await asyncio.to_thread(lambda: read(answer.json()))
