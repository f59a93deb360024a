"""Replicate on loopback, for tests, benchmarks and flows. By hand:

python -m tests.fakes.replicate --port 9000 --seconds 5
"""

import argparse
import asyncio
import base64
import json
import random
import re
import string
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

from providers.clock import Clock, SystemClock
from tests.fakes.replicate_calls import SECRET, signed_headers
from tests.fakes.replicate_pictures import logs, picture
from tests.fakes.replicate_schema import MODELS, checked, errors, input_errors
from tests.fakes.server import FakeService

TOKEN = "r8_fake"  # noqa: S105 - opens nothing
ENDED = {"succeeded", "failed", "canceled", "aborted"}
_DURATION = re.compile(r"(?=.)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What becomes of one prediction.

    It ends at its GET number `gets`, or `seconds` after its creation where that is set.
    status, error: how it ends. pictures: how many come out, None for as many as asked.
    inline: the pictures come as data: URIs in the answer to the POST, as `processing`.
    changes: laid over every answer about it.
    ended: laid over the answers after its end (`{"output": None, "data_removed": True}`).
    without: keys left out of every answer, as the real service does at times.
    """

    gets: int = 2
    seconds: float | None = None
    status: str = "succeeded"
    error: str | None = None
    pictures: int | None = None
    inline: bool = False
    changes: dict[str, Any] = field(default_factory=dict)
    ended: dict[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()


@dataclass
class Prediction:
    id: str
    input: dict[str, Any]
    version: str
    plan: Plan
    seed: int
    created: datetime
    born: float
    cancel_after: float | None
    webhook: str | None = None
    gets: int = 0
    ended_as: str | None = None
    ended_at: datetime | None = None

    @property
    def fraction(self) -> float:
        if self.ended_as == "succeeded":
            return 1.0
        if self.plan.seconds is not None:
            return min((time.monotonic() - self.born) / max(self.plan.seconds, 1e-9), 1.0)
        return min(self.gets / max(self.plan.gets, 1), 1.0)

    @property
    def asked(self) -> int:
        return int(self.input.get("num_outputs", 1))


class FakeReplicate(FakeService):
    """The calls the adapter uses. `plans`: for the next predictions; `plan`: for all others.

    Requests and answers are checked against the official schema. A wrong token meets 401.
    secret: what it signs its webhooks with; it sends one only where a test says so (`call`).
    retired: versions that are no more. page_size: of the list of predictions.
    """

    root = "/v1"

    def __init__(
        self,
        plan: Plan | None = None,
        *,
        token: str = TOKEN,
        port: int = 0,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(port)
        self.plan = plan or Plan()
        self.plans: deque[Plan] = deque()
        self.token = token
        self.predictions: dict[str, Prediction] = {}
        self.secret = SECRET
        self.retired: set[str] = set()
        self.page_size = 100
        self._clock = clock or SystemClock()
        self._dice = random.Random(7)  # noqa: S311 - ids and seeds of a fake

    def routes(self) -> list[web.RouteDef]:
        one = "/v1/predictions/{id}"
        return [
            web.post("/v1/predictions", self.handle("create", self._create)),
            web.get("/v1/predictions", self.handle("list", self._list)),
            web.get("/v1/account", self.handle("account", self._account)),
            web.get("/v1/webhooks/default/secret", self.handle("secret", self._secret)),
            web.get(
                "/v1/models/{owner}/{name}/versions/{version}",
                self.handle("version", self._version),
            ),
            web.get(one, self.handle("get", self._get)),
            web.post(f"{one}/cancel", self.handle("cancel", self._cancel)),
            web.get("/files/{id}/{name}", self.handle("picture", self._picture)),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        body = await request.json()
        if (problems := errors("create_request", body)) == [] and not self._is_there(
            body["version"]
        ):
            return _problem(422, "Invalid version or not permitted")
        if problems := problems or input_errors(body["version"], body["input"]):
            return _problem(422, "Input validation failed", invalid_fields=problems)
        prediction = Prediction(
            id="".join(self._dice.choices(string.ascii_lowercase + string.digits, k=26)),
            input=body["input"],
            version=body["version"],
            plan=self.plans.popleft() if self.plans else self.plan,
            seed=body["input"].get("seed", self._dice.randrange(2**16)),
            created=self._clock.now(),
            born=time.monotonic(),
            cancel_after=_seconds(request.headers.get("Cancel-After")),
            webhook=body.get("webhook"),
        )
        self.predictions[prediction.id] = prediction
        if prediction.plan.inline:
            return self._answer(prediction, 201, output=await self._inline(prediction))
        return self._answer(prediction, 201)

    async def _get(self, request: web.Request) -> web.Response:
        prediction = self.predictions.get(request.match_info["id"])
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        if prediction is None:
            return _problem(404, "Not found")
        prediction.gets += 1
        self._move_on(prediction)
        return self._answer(prediction)

    async def _list(self, request: web.Request) -> web.Response:
        """The newest first, as the real one; a cursor is the number of those shown before."""
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        after = request.query.get("created_after")
        earliest = datetime.fromisoformat(after) if after else datetime.min.replace(tzinfo=UTC)
        found = [each for each in self.predictions.values() if each.created >= earliest]
        found.sort(key=lambda each: each.created, reverse=True)
        first = int(request.query.get("cursor", 0))
        last = first + self.page_size
        following = request.url.update_query(cursor=last) if last < len(found) else None
        body = {
            "next": str(following) if following else None,
            "previous": None,
            "results": [self._shown(each) for each in found[first:last]],
        }
        return web.json_response(body)

    async def _account(self, request: web.Request) -> web.Response:
        account = {"type": "user", "username": "fox"}
        return self._unauthorized(request) or web.json_response(checked("account", account))

    async def _secret(self, request: web.Request) -> web.Response:
        secret = {"key": self.secret}
        return self._unauthorized(request) or web.json_response(checked("webhook_secret", secret))

    async def _version(self, request: web.Request) -> web.Response:
        model = "{owner}/{name}".format(**request.match_info)
        version = request.match_info["version"]
        if MODELS.get(version) != model or not self._is_there(version):
            return _problem(404, "Not found")
        body = checked("version", {"id": version, "openapi_schema": {}})
        return self._unauthorized(request) or web.json_response(body)

    def _is_there(self, version: str) -> bool:
        return version in MODELS and version not in self.retired

    def end(self, remote_id: str, status: str = "succeeded") -> None:
        """Whatever its plan says of when."""
        self._end(self.predictions[remote_id], status)

    def body(self, remote_id: str, **changes: Any) -> bytes:
        """What a webhook says of a prediction: what a GET would."""
        return json.dumps(self._shown(self.predictions[remote_id]) | changes).encode()

    async def call(
        self,
        remote_id: str,
        *,
        secret: str | None = None,
        age: float = 0.0,
        ident: str = "msg_1",
        **changes: Any,
    ) -> int:
        """Call the prediction's webhook; the answer's status.

        age: seconds since it was signed. changes: laid over what it says.
        """
        url = self.predictions[remote_id].webhook
        assert url is not None, "no webhook was asked for"
        body = self.body(remote_id, **changes)
        at = self._clock.now().timestamp() - age
        headers = signed_headers(body, at=at, secret=secret or self.secret, ident=ident)
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=headers) as answer,
        ):
            return answer.status

    async def _cancel(self, request: web.Request) -> web.Response:
        prediction = self.predictions.get(request.match_info["id"])
        if prediction is None:
            return _problem(404, "Not found")
        if prediction.ended_as is None:
            self._end(prediction, "canceled")
        return self._answer(prediction)

    async def _picture(self, request: web.Request) -> web.Response:
        prediction = self.predictions.get(request.match_info["id"])
        number, _, file_format = request.match_info["name"].partition(".")
        if prediction is None:
            return _problem(404, "Not found")
        data = await asyncio.to_thread(
            picture, prediction.input, prediction.seed, int(number), file_format
        )
        return web.Response(body=data, content_type=f"image/{file_format}")

    def _unauthorized(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {self.token}":
            return None
        detail = "You did not pass a valid authentication token"
        return _problem(401, "Unauthenticated", detail=detail)

    def _move_on(self, prediction: Prediction) -> None:
        if prediction.ended_as is not None:
            return
        age = time.monotonic() - prediction.born
        if prediction.cancel_after is not None and age > prediction.cancel_after:
            self._end(prediction, "canceled")
        elif prediction.fraction >= 1:
            self._end(prediction, prediction.plan.status)

    def _end(self, prediction: Prediction, status: str) -> None:
        prediction.ended_as = status if status in ENDED else None
        prediction.ended_at = self._clock.now()

    def _answer(self, prediction: Prediction, status: int = 200, **changes: Any) -> web.Response:
        return web.json_response(self._shown(prediction, **changes), status=status)

    def _shown(self, prediction: Prediction, **changes: Any) -> dict[str, Any]:
        body = self._body(prediction) | changes | prediction.plan.changes
        if prediction.ended_as is not None:
            body |= prediction.plan.ended
        if not (prediction.plan.changes or prediction.plan.ended):
            checked("prediction", body)
        return {key: value for key, value in body.items() if key not in prediction.plan.without}

    def _body(self, prediction: Prediction) -> dict[str, Any]:
        one = f"{self.base_url}/predictions/{prediction.id}"
        succeeded = prediction.ended_as == "succeeded"
        running = "processing" if prediction.gets or prediction.plan.inline else "starting"
        body = {
            "id": prediction.id,
            "model": MODELS[prediction.version],
            "version": prediction.version,
            "input": prediction.input,
            "logs": logs(prediction.seed, prediction.fraction),
            "output": self._outputs(prediction) if succeeded else None,
            "data_removed": False,
            "error": prediction.plan.error if prediction.ended_as == "failed" else None,
            "status": prediction.ended_as or running,
            "created_at": _stamp(prediction.created),
            "urls": {"get": one, "cancel": f"{one}/cancel", "web": one},
        }
        if prediction.ended_at is not None:
            body["completed_at"] = _stamp(prediction.ended_at)
            spent = (prediction.ended_at - prediction.created) / timedelta(seconds=1)
            body["metrics"] = {"predict_time": spent, "total_time": spent}
        return body

    def _outputs(self, prediction: Prediction) -> list[str]:
        count = prediction.plan.pictures
        numbers = range(prediction.asked if count is None else count)
        ending = prediction.input.get("output_format", "webp")
        return [f"{self.origin}/files/{prediction.id}/{number}.{ending}" for number in numbers]

    async def _inline(self, prediction: Prediction) -> list[str]:
        pictures = [
            await asyncio.to_thread(picture, prediction.input, prediction.seed, number, "png")
            for number in range(prediction.asked)
        ]
        return [f"data:image/png;base64,{base64.b64encode(data).decode()}" for data in pictures]


def _stamp(moment: datetime) -> str:
    """Nine fractional digits, as the service writes at times."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}123Z"


def _seconds(duration: str | None) -> float | None:
    if duration is None:
        return None
    parts = _DURATION.fullmatch(duration)
    assert parts is not None, f"Cancel-After: {duration}"
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    total = hours * 3600 + minutes * 60 + seconds
    assert total >= 5, f"Cancel-After: {duration}"
    return total


def _problem(status: int, title: str, **more: Any) -> web.Response:
    return web.json_response(
        {"title": title, "detail": title, "status": status} | more,
        status=status,
        content_type="application/problem+json",
    )


async def _serve(port: int, plan: Plan, token: str) -> None:
    async with FakeReplicate(plan, token=token, port=port) as service:
        sys.stdout.write(f"{service.base_url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="Replicate on loopback")
    parser.add_argument("--port", type=int, default=0, help="0: any free one, printed")
    parser.add_argument("--seconds", type=float, help="how long a prediction takes")
    parser.add_argument("--gets", type=int, default=2, help="... or at which GET it ends")
    parser.add_argument("--token", default=TOKEN)
    options = parser.parse_args()
    plan = Plan(seconds=options.seconds, gets=options.gets)
    asyncio.run(_serve(options.port, plan, options.token))


if __name__ == "__main__":
    main()
