"""Many jobs over five services with bad days: each ends, the books are right, nothing is paid twice."""

import asyncio
import random
import sys
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.usecases.history import history_of
from providers.catalog import Offer, Sizes
from providers.http import HttpClient
from providers.offers.replicate import REPLICATE_OFFERS
from providers.replicate import ReplicateProvider
from providers.types import Wish
from storage.records import Job, JobState
from tests.bot.dispatching import Dispatch, dispatch
from tests.fakes import faults
from tests.fakes.fast_clock import FastClock
from tests.fakes.faults import Fault, Proceed
from tests.fakes.replicate import FakeReplicate, Plan, Prediction

USERS = 10
SPEED = 10.0  # a lease lasts three seconds then: more than a busy machine stands still
RUN_TIME = timedelta(seconds=60)
FOR_EVER = 10**9
NSFW = Plan(status="failed", error="NSFW content detected. Try running it again.")
ENDS = {JobState.SUCCEEDED, JobState.CENSORED, JobState.FAILED}


@dataclass(frozen=True)
class Character:
    """What else is wrong with a service, and how many of its jobs meet that."""

    plan: Plan
    share: float
    at_once: int = 4


CHARACTERS = {
    "slow": Character(Plan(gets=12), 1.0),
    "prudish": Character(NSFW, 0.1),
    "hanging": Character(Plan(gets=FOR_EVER), 0.04),
    "failing": Character(Plan(status="failed", error="unexpected error (E1001)"), 0.15),
    "single": Character(Plan(), 1.0, at_once=1),
}
NAMES = list(CHARACTERS)


class Named(ReplicateProvider):
    """Replicate under a name and with offers of its own: a model for each service to be the
    cheapest at, so that every one of them is somebody's first choice.
    """

    def __init__(self, name: str, service: FakeReplicate, clock: FastClock) -> None:
        http = HttpClient(clock)
        super().__init__(service.token, base_url=service.base_url, http=http, clock=clock)
        self.name = name

    async def offers(self) -> tuple[Offer, ...]:
        return tuple(
            replace(
                REPLICATE_OFFERS[0],
                provider=self.name,
                model=f"best-at-{model}",
                sizes=Sizes((384,), (384, 384)),
                max_images=CHARACTERS[self.name].at_once,
                cost=cost_at(self.name, f"best-at-{model}"),
            )
            for model in NAMES
        )


def cost_at(provider: str, model: str) -> int:
    best = NAMES.index(model.removeprefix("best-at-"))
    return 1 + (NAMES.index(provider) - best) % len(NAMES)


def bad_day(service: FakeReplicate, character: Character, dice: random.Random) -> Fault:
    """10 % 5xx, 5 % resets, 5 % 429; the rest as its character is."""
    busy = faults.answer(503, {"title": "Busy", "detail": "Busy", "status": 503})
    throttled = faults.answer(429, {"detail": "Request was throttled.", "retry_after": 2})

    async def fault(request: web.Request, proceed: Proceed) -> web.StreamResponse:
        roll = dice.random()
        for limit, trouble in (
            (0.05, busy),
            (0.10, faults.bad_gateway()),
            (0.125, faults.reset_before),
            (0.15, faults.reset_after),
            (0.20, throttled),
        ):
            if roll < limit:
                return await trouble(request, proceed)
        service.plan = character.plan if dice.random() < character.share else Plan()
        return await proceed()

    return fault


async def soak(folder: Path, jobs: int, dice: random.Random) -> None:
    clock = FastClock(SPEED)
    async with AsyncExitStack() as stack:
        services: dict[str, FakeReplicate] = {}
        providers: dict[str, Named] = {}
        for name, character in CHARACTERS.items():
            services[name] = service = await stack.enter_async_context(FakeReplicate())
            providers[name] = provider = Named(name, service, clock)
            stack.push_async_callback(provider.aclose)
            for route in ("create", "get"):
                service.fault(route, bad_day(service, character, dice), times=100 * jobs)
        bot = await stack.enter_async_context(dispatch(folder, providers, clock, run_time=RUN_TIME))
        async with bot.working():
            asked = [await ask(bot, number, dice) for number in range(jobs)]
            async with asyncio.timeout(15 + jobs):
                await bot.watcher.until_ended(asked)
        ended = [await bot.job(job.id) for job in asked]
        assert {job.state for job in ended} <= ENDS
        await check_books(bot, ended)
        for job in ended:
            check_orders(job, services)
        report(ended, services)


async def ask(bot: Dispatch, number: int, dice: random.Random) -> Job:
    wish = Wish(prompt=f"fox number {number}", num_images=dice.choice((1, 1, 2, 4)))
    model = f"best-at-{NAMES[number % len(NAMES)]}"
    return await bot.ask(wish, user=1 + number % USERS, model=model)


async def check_books(bot: Dispatch, ended: list[Job]) -> None:
    """Every picture that was made is charged at its maker's price, and nothing else is."""
    spent: Counter[int] = Counter()
    for job in ended:
        pictures = await bot.artifacts(job)
        asked = job.spec["wish"].get("num_images", 1)
        made = history_of(await bot.submissions(job), pictures, total=asked).made
        assert sum(len(mine) for _, mine in made.values()) == len(pictures)
        assert bool(pictures) == (job.state is JobState.SUCCEEDED)
        assert job.reason_data.get("made", 0) == len(pictures)
        numbers = {picture.part + picture.position for picture in pictures}
        assert len(numbers) == len(pictures) <= asked
        model = best_model(job)
        spent[job.user_id] += sum(cost_at(name, model) * len(mine) for name, mine in made.values())
    for user in range(1, USERS + 1):
        assert await bot.charged(user) == spent[user]


def best_model(job: Job) -> str:
    number = int(job.spec["wish"]["prompt"].rsplit(" ")[-1])
    return f"best-at-{NAMES[number % len(NAMES)]}"


def check_orders(job: Job, services: dict[str, FakeReplicate]) -> None:
    """A picture is ordered again only after its last order has failed for good."""
    prompt = job.spec["wish"]["prompt"]
    orders = [
        order
        for service in services.values()
        for order in service.predictions.values()
        if order.input["prompt"] == prompt
    ]
    for seed in {order.input["seed"] + n for order in orders for n in range(order.asked)}:
        mine = sorted(
            (o for o in orders if 0 <= seed - o.input["seed"] < o.asked), key=lambda o: o.born
        )
        assert all(map(failed_for_good, mine[:-1])), (prompt, [o.plan for o in mine])


def failed_for_good(order: Prediction) -> bool:
    return order.ended_as == "failed" and order.plan is not NSFW


def report(ended: list[Job], services: dict[str, FakeReplicate]) -> None:
    counts = Counter(f"{job.state.value} {job.reason or ''}".strip() for job in ended)
    elsewhere = sum(job.reason_data.get("legs", [0]) != [0] for job in ended)
    orders = {name: service.count("create") for name, service in services.items()}
    sys.stdout.write(f"{dict(counts)}; {elsewhere} made elsewhere than first meant; {orders}\n")


@pytest.mark.parametrize("jobs", [60, pytest.param(500, marks=pytest.mark.slow)])
async def test_five_faulty_services(tmp_path: Path, jobs: int) -> None:
    seed = random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"seed {seed}\n")  # shown with a failure
    await soak(tmp_path, jobs, random.Random(seed))  # noqa: S311 - a repeatable test
