"""The scripted provider's own doors; what all providers promise is in the contract suite."""

import asyncio

import pytest

from providers.errors import (
    Censored,
    DeadlineExceeded,
    GenerationFailed,
    OutcomeUnknown,
    RateLimited,
)
from providers.testing import (
    FAKE_OFFER,
    Behaviour,
    FakeProvider,
    censor_prompt,
    fail,
    hang,
    lose_answer,
    refuse,
    succeed,
)
from providers.types import GenerationRequest, GenerationResult, Progress, Ticket
from tests.fakes.clock import FakeClock

REQUEST = GenerationRequest(prompt="a fox", width=64, height=96, num_images=3, seed=7)


async def submit(provider: FakeProvider, deadline: float = 100.0) -> Ticket:
    return await provider.submit(REQUEST, FAKE_OFFER, deadline=deadline)


async def wait(provider: FakeProvider, ticket: Ticket, deadline: float = 100.0) -> GenerationResult:
    return await provider.wait(ticket, deadline=deadline, on_progress=lambda _progress: None)


def fake(*script: Behaviour, auto: bool = True) -> FakeProvider:
    return FakeProvider(script, clock=FakeClock(auto=auto))


async def test_a_script_is_followed_in_order_and_then_all_succeeds() -> None:
    provider = fake(succeed(images=1), fail(GenerationFailed("fake")))
    assert len((await wait(provider, await submit(provider))).images) == 1
    with pytest.raises(GenerationFailed):
        await wait(provider, await submit(provider))
    assert len((await wait(provider, await submit(provider))).images) == 3
    assert provider.requests == [REQUEST] * 3


async def test_a_script_may_depend_on_the_request() -> None:
    def script(request: GenerationRequest) -> Behaviour:
        return censor_prompt("nsfw") if "fox" in request.prompt else succeed()

    provider = FakeProvider(script, clock=FakeClock(auto=True))
    with pytest.raises(Censored) as censored:
        await submit(provider)
    assert censored.value.verdict.stage == "prompt"
    assert censored.value.verdict.categories == ("nsfw",)


async def test_pictures_differ_by_seed() -> None:
    provider = fake()
    images = (await wait(provider, await submit(provider))).images
    assert [image.seed for image in images] == [7, 8, 9]
    assert len({image.data for image in images}) == 3


async def test_what_was_refused_is_recorded_but_not_accepted() -> None:
    provider = fake(refuse(RateLimited("fake", retry_after=5)), lose_answer(accepted=False))
    with pytest.raises(RateLimited):
        await submit(provider)
    with pytest.raises(OutcomeUnknown):
        await submit(provider)
    assert len(provider.requests) == 2
    assert provider.accepted == {}


async def test_it_works_as_long_as_told() -> None:
    clock = FakeClock()
    provider = FakeProvider([succeed(seconds=8)], clock=clock)
    ticket = await submit(provider)
    seen: list[Progress] = []
    async with asyncio.TaskGroup() as group:
        work = group.create_task(provider.wait(ticket, deadline=100, on_progress=seen.append))
        await clock.until_sleeping()
        await clock.advance(7.9)
        assert [progress.fraction for progress in seen] == [0.25, 0.5, 0.75]
        assert not work.done()
        await clock.advance(0.1)
    assert len(work.result().images) == 3


async def test_it_hangs_until_released() -> None:
    release = asyncio.Event()
    provider = fake(hang(release), auto=False)
    ticket = await submit(provider)
    async with asyncio.TaskGroup() as group:
        work = group.create_task(wait(provider, ticket))
        await asyncio.sleep(0)
        assert not work.done()
        release.set()
    assert len(work.result().images) == 3


async def test_hanging_ends_at_the_deadline() -> None:
    provider = fake(hang())
    ticket = await submit(provider)
    with pytest.raises(DeadlineExceeded):
        await wait(provider, ticket, deadline=50.0)
