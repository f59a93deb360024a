"""Replicate on loopback, for tests, benchmarks and flows. By hand:

python -m tests.fakes.replicate --port 9000 --seconds 5
"""

import argparse
import asyncio
import base64
import copy
import functools
import io
import json
import random
import re
import string
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
from aiohttp import web
from PIL import Image

from providers.clock import SystemClock
from tests.fakes.server import FakeService

SCHEMAS = json.loads((Path(__file__).parent.parent / "data/replicate/schema.json").read_text())
TOKEN = "r8_fake"  # noqa: S105 - opens nothing
BARS = (25, 25, 75)
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
    """

    root = "/v1"

    def __init__(
        self,
        plan: Plan | None = None,
        *,
        token: str = TOKEN,
        port: int = 0,
    ) -> None:
        super().__init__(port)
        self.plan = plan or Plan()
        self.plans: deque[Plan] = deque()
        self.token = token
        self.predictions: dict[str, Prediction] = {}
        self._clock = SystemClock()
        self._dice = random.Random(7)  # noqa: S311 - ids and seeds of a fake

    def routes(self) -> list[web.RouteDef]:
        one = "/v1/predictions/{id}"
        return [
            web.post("/v1/predictions", self.handle("create", self._create)),
            web.get(one, self.handle("get", self._get)),
            web.post(f"{one}/cancel", self.handle("cancel", self._cancel)),
            web.get("/files/{id}/{name}", self.handle("picture", self._picture)),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        if (refusal := self._unauthorized(request)) is not None:
            return refusal
        body = await request.json()
        problems = [*_errors("create_request", body), *_errors("kandinsky_input", body["input"])]
        if problems:
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
        data = await asyncio.to_thread(_draw, prediction, int(number), file_format)
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
        body = self._body(prediction) | changes | prediction.plan.changes
        if prediction.ended_as is not None:
            body |= prediction.plan.ended
        if not (prediction.plan.changes or prediction.plan.ended):
            assert not _errors("prediction", body), _errors("prediction", body)
        for key in prediction.plan.without:
            body.pop(key, None)
        return web.json_response(body, status=status)

    def _body(self, prediction: Prediction) -> dict[str, Any]:
        one = f"{self.base_url}/predictions/{prediction.id}"
        succeeded = prediction.ended_as == "succeeded"
        running = "processing" if prediction.gets or prediction.plan.inline else "starting"
        body = {
            "id": prediction.id,
            "model": "ai-forever/kandinsky-2.2",
            "version": prediction.version,
            "input": prediction.input,
            "logs": _logs(prediction),
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
            await asyncio.to_thread(_draw, prediction, number, "png")
            for number in range(prediction.asked)
        ]
        return [f"data:image/png;base64,{base64.b64encode(data).decode()}" for data in pictures]


def _logs(prediction: Prediction) -> str:
    """The three bars one after the other, as far as the prediction is."""
    lines = [f"Using seed: {prediction.seed}"]
    done = int(prediction.fraction * sum(BARS))
    for total in BARS:
        if done <= 0:
            break
        shown = min(done, total)
        lines += [
            f"{100 * step // total:3d}%|██▍  | {step}/{total} [00:00<00:01, 9.1it/s]"
            for step in (0, shown)
        ]
        done -= total
    return "\n".join(lines) + "\n"


def _draw(prediction: Prediction, number: int, file_format: str) -> bytes:
    size = (prediction.input.get("width", 512), prediction.input.get("height", 512))
    return draw(*size, prediction.seed + number, file_format)


@functools.lru_cache(maxsize=64)
def draw(width: int, height: int, seed: int, file_format: str = "png") -> bytes:
    """A small file of one colour that tells the seed."""
    colour = (seed * 97 % 256, seed * 57 % 256, seed * 17 % 256)
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, file_format.upper())
    return buffer.getvalue()


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


@functools.cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(_with_nulls(copy.deepcopy(SCHEMAS[name])))


def _with_nulls(schema: Any) -> Any:
    """OpenAPI's `nullable` in JSON Schema's own words."""
    if isinstance(schema, dict):
        if schema.pop("nullable", False):
            schema["type"] = [schema["type"], "null"]
        for value in schema.values():
            _with_nulls(value)
    return schema


def _errors(name: str, value: object) -> list[dict[str, Any]]:
    return [
        {"type": error.validator, "field": error.json_path[2:], "description": error.message}
        for error in _validator(name).iter_errors(value)
    ]


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
