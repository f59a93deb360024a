"""Segmind on loopback, for tests and flows. By hand:

python -m tests.fakes.segmind --port 9000 --seconds 5
"""

import argparse
import asyncio
import base64
import json
import random
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.replicate_pictures import draw
from tests.fakes.server import FakeService

KEY = "SG_0123456789abcdef"
COST = 0.005

Check = Callable[[Any], bool]


def _number(low: float, high: float) -> Check:
    return lambda value: isinstance(value, int | float) and low <= value <= high


def _text(value: object) -> bool:
    return isinstance(value, str)


_COMMON: dict[str, Check] = {
    "prompt": lambda value: _text(value) and bool(value),
    "negative_prompt": _text,
    "seed": _number(-1, 2**31 - 1),
    "base64": lambda value: isinstance(value, bool),
}
PARAMETERS: dict[str, dict[str, Check]] = {
    "kandinsky2.1-txt2im": {
        **_COMMON,
        "samples": _number(1, 8),
        "img_width": lambda value: value in (512, 1024),
        "img_height": lambda value: value in (512, 1024),
        "num_inference_steps": _number(10, 40),
        "guidance_scale": _number(1, 20),
        "scheduler": lambda value: value in ("DDIM", "P-Sampler"),
    },
    "kandinsky2.2-txt2img": {
        **_COMMON,
        "samples": _number(1, 4),
        "img_width": lambda value: value in (768, 1024),
        "img_height": lambda value: value in (768, 1024),
        "num_inference_steps": _number(20, 100),
        "prior_steps": _number(1, 100),
    },
}
"""The lists of the models' pages. Unlike the service, the fake refuses what is in none of them."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What becomes of one request.

    gets: at which GET of its status a v2 request ends, or `seconds` after its beginning.
    status, error: how it ends. pictures: how many come out, None for as many as asked.
    shape: how v1 shows its pictures, None for what the flag asks (see `_shaped`); `receipt`
        has v1 answer as v2 does.
    output: in place of the addresses in a v2 result. changes: laid over every v2 answer.
    headers: laid over those of a v1 answer, None takes one away.
    """

    gets: int = 2
    seconds: float | None = None
    status: str = "COMPLETED"
    error: str | None = None
    pictures: int | None = None
    shape: str | None = None
    file_format: str = "jpeg"
    output: Any = ...
    changes: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str | None] = field(default_factory=dict)


@dataclass
class Job:
    id: str
    input: dict[str, Any]
    plan: Plan
    seed: int
    born: float
    gets: int = 0

    @property
    def status(self) -> str:
        if self.plan.seconds is not None:
            done = time.monotonic() - self.born >= self.plan.seconds
        else:
            done = self.gets >= self.plan.gets
        return self.plan.status if done else "PROCESSING" if self.gets > 1 else "QUEUED"

    @property
    def count(self) -> int:
        return self.input.get("samples", 1) if self.plan.pictures is None else self.plan.pictures

    def picture(self, number: int) -> bytes:
        width, height = self.input.get("img_width", 768), self.input.get("img_height", 768)
        return draw(width, height, self.seed + number, self.plan.file_format)


class FakeSegmind(FakeService):
    """The calls the adapter uses. `plans`: for the next requests; `plan`: for all others.

    A wrong key meets 401, a key sent as a bearer token too, and one sent to where the pictures
    lie fails the test. credits: what is left; each request that is accepted takes its cost.
    """

    def __init__(self, plan: Plan | None = None, *, key: str = KEY, port: int = 0) -> None:
        super().__init__(port)
        self.plan = plan or Plan()
        self.plans: deque[Plan] = deque()
        self.key = key
        self.credits = 10.0
        self.jobs: dict[str, Job] = {}
        self._on_request: dict[str, Job] = {}  # those of v2, which alone can be asked about
        self._dice = random.Random(7)  # noqa: S311 - ids and seeds of a fake

    def routes(self) -> list[web.RouteDef]:
        one = "/v2/requests/{id}"
        return [
            web.post("/v1/{slug}", self.handle("draw", self._draw)),
            web.post("/v2/{slug}", self.handle("submit", self._submit)),
            web.get(f"{one}/status", self.handle("status", self._status)),
            web.get(one, self.handle("result", self._result)),
            web.get("/v1/get-user-credits", self.handle("credits", self._credits)),
            web.get("/generations/{id}/{name}", self.handle("picture", self._picture)),
        ]

    async def _draw(self, request: web.Request) -> web.Response:
        job = await self._accepted(request)
        if isinstance(job, web.Response):
            return job
        if job.plan.shape == "receipt":
            return self._receipt(job)
        if job.plan.status != "COMPLETED":
            return web.json_response({"error": job.plan.error}, status=500)
        response = await self._shaped(job)
        response.headers["x-request-id"] = job.id
        response.headers["x-seed-value"] = str(job.seed)
        response.headers["x-remaining-credits"] = f"{self.credits:.3f}"
        for name, value in job.plan.headers.items():
            response.headers.pop(name, None)
            if value is not None:
                response.headers[name] = value
        return response

    async def _submit(self, request: web.Request) -> web.Response:
        job = await self._accepted(request)
        return job if isinstance(job, web.Response) else self._receipt(job)

    async def _status(self, request: web.Request) -> web.Response:
        job = self._known(request)
        if isinstance(job, web.Response):
            return job
        job.gets += 1
        body = {"status": job.status, "request_id": job.id, "metrics": {}}
        if job.status == "COMPLETED":
            body["metrics"] = {"inference_time": 13.06}
        return self._told(job, body)

    async def _result(self, request: web.Request) -> web.Response:
        job = self._known(request)
        if isinstance(job, web.Response):
            return job
        body = {
            "status": job.status,
            "error": None,
            "metrics": {
                "inference_time": 2.0,
                "queue_time": 0.5,
                "cost": COST,
                "remaining_credits": self.credits,
            },
        }
        if job.status == "COMPLETED":
            body["output"] = self._output(job)
        return self._told(job, body)

    async def _credits(self, request: web.Request) -> web.Response:
        return self._unauthorized(request) or web.json_response({"credits": self.credits})

    async def _picture(self, request: web.Request) -> web.Response:
        assert "x-api-key" not in request.headers and "Authorization" not in request.headers
        job = self.jobs.get(request.match_info["id"])
        number, _, ending = request.match_info["name"].partition(".")
        if job is None:
            return _error(404, "Not found")
        data = await asyncio.to_thread(job.picture, int(number))
        return web.Response(body=data, content_type=f"image/{ending}")

    async def _accepted(self, request: web.Request) -> Job | web.Response:
        if (refused := self._unauthorized(request)) is not None:
            return refused
        if request.content_type != "application/json":
            return _error(406, "Invalid content type")
        known = PARAMETERS.get(request.match_info["slug"])
        if known is None:
            return _error(404, "Model not found")
        body = await request.json()
        wrong = [
            name for name, value in body.items() if name not in known or not known[name](value)
        ]
        if wrong or "prompt" not in body:
            return _error(400, f"Invalid parameters: {', '.join(wrong)}")
        if self.credits < COST:
            return _error(406, "Insufficient credits")
        self.credits -= COST
        seed = body.get("seed", -1)
        job = Job(
            id=str(uuid.UUID(int=self._dice.getrandbits(128), version=4)),
            input=body,
            plan=self.plans.popleft() if self.plans else self.plan,
            seed=self._dice.randrange(2**31) if seed == -1 else seed,
            born=time.monotonic(),
        )
        self.jobs[job.id] = job
        return job

    def _known(self, request: web.Request) -> Job | web.Response:
        if (refused := self._unauthorized(request)) is not None:
            return refused
        remote_id = request.match_info["id"]
        return self._on_request.get(remote_id) or _error(404, f"Request {remote_id} not found")

    def _unauthorized(self, request: web.Request) -> web.Response | None:
        key = request.headers.get("x-api-key")
        if key == self.key and "Authorization" not in request.headers:
            return None
        if key is None:
            return _error(401, "Missing Authorization or x-api-key in header")
        return _error(401, "Unauthorized. API key is invalid or may have expired...")

    def _receipt(self, job: Job) -> web.Response:
        self._on_request[job.id] = job
        one = f"{self.origin}/v2/requests/{job.id}"
        receipt = {
            "request_id": job.id,
            "status": "QUEUED",
            "poll_url": f"{self.origin}/v1/requests/{job.id}",
            "status_url": f"{one}/status",
            "response_url": one,
        }
        return web.json_response(receipt | job.plan.changes)

    def _told(self, job: Job, body: dict[str, Any]) -> web.Response:
        """A failed request is told with 422."""
        if job.status == "FAILED":
            body["error"] = job.plan.error
            return web.json_response(body | job.plan.changes, status=422)
        return web.json_response(body | job.plan.changes)

    def _output(self, job: Job) -> Any:
        if job.plan.output is not ...:
            return job.plan.output
        addresses = self._addresses(job)
        return addresses[0] if len(addresses) == 1 else addresses

    def _addresses(self, job: Job) -> list[str]:
        one = f"{self.origin}/generations/{job.id}"
        return [f"{one}/{number}.{job.plan.file_format}" for number in range(job.count)]

    async def _shaped(self, job: Job) -> web.Response:
        """Nobody has recorded a base64 answer, so the fake knows all that clients expect."""
        blobs = [await asyncio.to_thread(job.picture, number) for number in range(job.count)]
        texts = [base64.b64encode(blob).decode() for blob in blobs]
        kind = f"image/{job.plan.file_format}"
        shapes: dict[str, Any] = {
            "image": {"image": texts[0] if texts else ""},
            "images": {"images": texts},
            "list": texts,
            "string": texts[0] if texts else "",
            "objects": {"output": [{"b64_json": text} for text in texts]},
            "data-uris": {"images": [f"data:{kind};base64,{text}" for text in texts]},
            "addresses": {"output": self._addresses(job)},
        }
        shape = job.plan.shape or ("images" if job.input.get("base64") else "bytes")
        if shape == "bytes":
            return web.Response(body=blobs[0], content_type=kind)
        if shape == "mislabelled":
            return web.Response(body=blobs[0], content_type="application/json")
        if shape == "text":
            return web.Response(text=texts[0] + "\n", content_type="text/plain")
        body = await asyncio.to_thread(json.dumps, shapes[shape])
        return web.Response(text=body, content_type="application/json")


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": text}, status=status)


async def _serve(port: int, plan: Plan, key: str) -> None:
    async with FakeSegmind(plan, key=key, port=port) as service:
        sys.stdout.write(f"{service.base_url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="Segmind on loopback")
    parser.add_argument("--port", type=int, default=0, help="0: any free one, printed")
    parser.add_argument("--seconds", type=float, help="how long a v2 request takes")
    parser.add_argument("--key", default=KEY)
    options = parser.parse_args()
    asyncio.run(_serve(options.port, Plan(seconds=options.seconds), options.key))


if __name__ == "__main__":
    main()
