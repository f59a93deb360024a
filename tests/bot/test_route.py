"""Where a job goes next, turned by hand."""

import asyncio

import pytest

from bot.usecases.fates import Fate
from bot.usecases.route import TRIES, Route
from bot.usecases.spec import Leg
from providers.errors import (
    GenerationFailed,
    InvalidRequest,
    OutOfCredit,
    ProviderError,
    RateLimited,
    Unavailable,
)
from providers.gate import Gate
from providers.testing import FakeProvider
from providers.types import GenerationRequest
from tests.fakes.clock import FakeClock

FAR = 600.0
REQUEST = GenerationRequest(prompt="a fox", width=64, height=64)


class Case:
    def __init__(self, *names: str, last: tuple[str, ...] = ()) -> None:
        self.clock = FakeClock(auto=True)
        self.gates = {
            name: Gate(FakeProvider(name=name), self.clock, jitter=lambda: 1.0) for name in names
        }
        legs = {
            number: Leg(provider=name, model="m", request=REQUEST, images_per_call=1)
            for number, name in enumerate(names)
        }
        self.route = Route(legs, self.gates, self.clock, last=last, jitter=lambda: 1.0)

    async def close(self, name: str, error: ProviderError) -> None:
        with pytest.raises(type(error)):
            async with self.gates[name].submission(FAR):
                raise error


async def test_the_first_leg_until_it_fails() -> None:
    case = Case("a", "b")
    assert await case.route.next(FAR) == 0
    assert await case.route.next(FAR) == 0
    case.route.failed(0, Fate.ELSEWHERE, InvalidRequest("a"))
    assert await case.route.next(FAR) == 1
    case.route.failed(1, Fate.ELSEWHERE, GenerationFailed("b"))
    assert case.route.is_over
    assert await case.route.next(FAR) is None
    assert isinstance(case.route.error, InvalidRequest)
    assert case.clock.slept == []


async def test_a_passing_failure_is_got_over_elsewhere_and_then_here() -> None:
    case = Case("a", "b")
    case.route.failed(0, Fate.AGAIN, Unavailable("a"))
    assert await case.route.next(FAR) == 1
    case.route.failed(1, Fate.ELSEWHERE, OutOfCredit("b"))
    assert await case.route.next(FAR) == 0
    assert case.clock.slept == [2.0]


async def test_the_pauses_double_and_the_tries_end() -> None:
    case = Case("a")
    for _ in range(TRIES):
        assert await case.route.next(FAR) == 0
        case.route.failed(0, Fate.AGAIN, Unavailable("a"))
    assert await case.route.next(FAR) is None
    assert case.clock.slept == [2.0, 4.0, 8.0]
    assert isinstance(case.route.error, Unavailable)


async def test_being_throttled_is_waited_out_as_long_as_there_is_time() -> None:
    case = Case("a")
    for _ in range(3 * TRIES):
        assert await case.route.next(FAR) == 0
        error = RateLimited("a", retry_after=10)
        await case.close("a", error)
        case.route.failed(0, Fate.AGAIN, error)
    assert await case.route.next(case.clock.monotonic() + 5) is None
    assert isinstance(case.route.error, RateLimited)


async def test_a_closed_provider_is_passed_by() -> None:
    case = Case("a", "b")
    await case.close("a", RateLimited("a", retry_after=30))
    assert await case.route.next(FAR) == 1
    await case.clock.sleep(33)
    assert await case.route.next(FAR) == 0


async def test_where_all_are_closed_the_first_to_open_is_waited_for() -> None:
    case = Case("a", "b")
    await case.close("a", RateLimited("a", retry_after=60))
    await case.close("b", RateLimited("b", retry_after=20))
    assert await case.route.next(FAR) == 1
    assert case.clock.monotonic() == pytest.approx(22)


async def test_an_empty_account_is_not_waited_for() -> None:
    case = Case("a")
    await case.close("a", OutOfCredit("a"))
    assert await case.route.next(FAR) is None
    assert isinstance(case.route.error, OutOfCredit)
    assert case.clock.slept == []


async def test_where_the_job_failed_before_it_goes_last() -> None:
    case = Case("a", "b", "c", last=("a",))
    order = []
    while (number := await case.route.next(FAR)) is not None:
        order.append(number)
        case.route.failed(number, Fate.ELSEWHERE, GenerationFailed("x"))
        await asyncio.sleep(0)
    assert order == [1, 2, 0]
