"""What every ImageProvider promises, over every implementation.

To add one: write a Rig for it (how it is told what to do) and name it in RIGS; what has a service
behind it is a RemoteRig, and is named in REMOTE_RIGS too. The local pipeline's rig is in RIGS
alone: its work ends with its process.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest

from providers.base import ImageProvider
from providers.catalog import Offer
from providers.clock import Clock, SystemClock
from providers.errors import (
    BadAnswer,
    Censored,
    DeadlineExceeded,
    GenerationCanceled,
    GenerationFailed,
    NotAccepted,
    OutcomeUnknown,
    ResultLost,
    Unavailable,
)
from providers.http import HttpClient
from providers.local.config import PipelineConfig
from providers.local.provider import LocalProvider
from providers.local.supervisor import Upkeep
from providers.replicate import ReplicateProvider
from providers.sniffing import ImageInfo, read_image
from providers.testing import (
    FakeProvider,
    Submission,
    censor_picture,
    fail,
    hang,
    lose_answer,
    refuse,
    succeed,
)
from providers.types import GenerationRequest, GenerationResult, Progress, Ticket
from tests.fakes import faults
from tests.fakes.painter import load_painter
from tests.fakes.replicate import FakeReplicate, Plan

PLENTY = 20.0
SHORT = 0.3


class Rig(Protocol):
    """One implementation that does as told; it succeeds where nothing else was said."""

    clock: Clock

    async def provider(self) -> ImageProvider:
        """A fresh instance over the same service: a restart, as far as the service sees."""
        ...

    def request(self) -> GenerationRequest:
        """For two pictures of 512x768 or, where that takes long, smaller ones."""
        ...

    def will_hang(self) -> None: ...
    def submissions_made(self) -> int:
        """How many the service has accepted: what is paid for."""
        ...


class RemoteRig(Rig, Protocol):
    """... and that can fail in all the ways a service can."""

    def will_fail(self) -> None: ...
    def will_censor(self) -> None: ...
    def will_lose_the_picture(self) -> None: ...
    def will_garble(self) -> None: ...
    def will_refuse_connections(self) -> None: ...
    def will_drop_the_answer(self, *, accepted: bool) -> None: ...
    def attempts_seen(self) -> int:
        """How many submissions have reached the service, accepted or not."""
        ...


class FakeRig:
    def __init__(self, _stack: AsyncExitStack) -> None:
        self.clock: Clock = SystemClock()
        self._script = [succeed()]
        self._accepted: dict[str, Submission] = {}

    async def provider(self) -> ImageProvider:
        self._provider = FakeProvider(
            lambda _request: self._script[-1], clock=self.clock, accepted=self._accepted
        )
        return self._provider

    def request(self) -> GenerationRequest:
        return a_request()

    def will_hang(self) -> None:
        self._script.append(hang())

    def will_fail(self) -> None:
        self._script.append(fail(GenerationFailed("fake")))

    def will_censor(self) -> None:
        self._script.append(censor_picture("nsfw"))

    def will_lose_the_picture(self) -> None:
        self._script.append(fail(ResultLost("fake")))

    def will_garble(self) -> None:
        self._script.append(fail(BadAnswer("fake")))

    def will_refuse_connections(self) -> None:
        self._script.append(refuse(Unavailable("fake")))

    def will_drop_the_answer(self, *, accepted: bool) -> None:
        self._script.append(lose_answer(accepted=accepted))

    def submissions_made(self) -> int:
        return len(self._accepted)

    def attempts_seen(self) -> int:
        return len(self._provider.requests)


class ReplicateRig:
    def __init__(self, stack: AsyncExitStack) -> None:
        self.clock: Clock = SystemClock()
        self._stack = stack
        self._service = FakeReplicate()
        self._address: str | None = None

    async def provider(self) -> ImageProvider:
        if self._service.port == 0:
            await self._stack.enter_async_context(self._service)
        provider = ReplicateProvider(
            self._service.token,
            base_url=self._address or self._service.base_url,
            http=HttpClient(self.clock),
            clock=self.clock,
        )
        self._stack.push_async_callback(provider.aclose)
        return provider

    def request(self) -> GenerationRequest:
        return a_request()

    def will_hang(self) -> None:
        self._service.plan = Plan(seconds=3600)

    def will_fail(self) -> None:
        self._service.plan = Plan(status="failed", error="Director: unexpected (E8765)")

    def will_censor(self) -> None:
        self._service.plan = Plan(status="failed", error="NSFW content detected. Try again.")

    def will_lose_the_picture(self) -> None:
        self._service.plan = Plan(ended={"output": None, "data_removed": True})

    def will_garble(self) -> None:
        self._service.fault("get", faults.answer(200, b'{"id": "x", "sta'), times=99)

    def will_refuse_connections(self) -> None:
        self._address = "http://127.0.0.1:1/v1"

    def will_drop_the_answer(self, *, accepted: bool) -> None:
        self._service.fault("create", faults.reset_after if accepted else faults.reset_before)

    def submissions_made(self) -> int:
        return len(self._service.predictions)

    def attempts_seen(self) -> int:
        return self._service.count("create")


class LocalRig:
    """The whole way into the pipeline's process and back, with a painter that needs no torch."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.clock: Clock = SystemClock()
        self._stack = stack
        self._prompt = "a fox"
        self._providers: list[LocalProvider] = []

    async def provider(self) -> ImageProvider:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        provider = LocalProvider(
            PipelineConfig(model="demo", cache_dir=folder),
            clock=self.clock,
            load=load_painter,
            upkeep=Upkeep(niceness=0),
        )
        self._stack.push_async_callback(provider.aclose)
        self._providers.append(provider)
        await provider.start()
        return provider

    def request(self) -> GenerationRequest:
        return a_request().model_copy(update={"prompt": self._prompt})

    def will_hang(self) -> None:
        self._prompt = "hang"

    def submissions_made(self) -> int:
        return sum(len(provider._runs) for provider in self._providers)


REMOTE_RIGS: dict[str, Callable[[AsyncExitStack], RemoteRig]] = {
    "fake": FakeRig,
    "replicate": ReplicateRig,
}
RIGS: dict[str, Callable[[AsyncExitStack], Rig]] = {**REMOTE_RIGS, "local": LocalRig}


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with AsyncExitStack() as stack:
        yield RIGS[request.param](stack)


@pytest.fixture(params=REMOTE_RIGS)
async def remote(request: pytest.FixtureRequest) -> AsyncIterator[RemoteRig]:
    async with AsyncExitStack() as stack:
        yield REMOTE_RIGS[request.param](stack)


def a_request() -> GenerationRequest:
    return GenerationRequest(prompt="a fox", width=512, height=768, num_images=2, seed=5)


async def the_offer(provider: ImageProvider) -> Offer:
    return (await provider.offers())[0]


async def submitted(rig: Rig, provider: ImageProvider) -> Ticket:
    deadline = rig.clock.monotonic() + PLENTY
    return await provider.submit(rig.request(), await the_offer(provider), deadline=deadline)


async def finished(
    rig: Rig, provider: ImageProvider, ticket: Ticket, seen: list[Progress] | None = None
) -> GenerationResult:
    report = seen if seen is not None else []
    return await provider.wait(
        ticket, deadline=rig.clock.monotonic() + PLENTY, on_progress=report.append
    )


async def test_gives_the_pictures_asked_for(rig: Rig) -> None:
    provider = await rig.provider()
    result = await finished(rig, provider, await submitted(rig, provider))
    asked = rig.request()
    assert len(result.images) == asked.num_images
    for image in result.images:
        info = read_image(image.data)
        assert info == ImageInfo("image/png", asked.width, asked.height)
        assert info == ImageInfo(image.media_type, image.width, image.height)
        assert image.seed is not None


async def test_offers_say_who_they_are(rig: Rig) -> None:
    provider = await rig.provider()
    offers = await provider.offers()
    assert offers
    assert {offer.provider for offer in offers} == {provider.name}


async def test_progress_rises_and_stays_below_one(rig: Rig) -> None:
    provider = await rig.provider()
    seen: list[Progress] = []
    await finished(rig, provider, await submitted(rig, provider), seen)
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(set(fractions))
    assert fractions and all(0 <= fraction < 1 for fraction in fractions)


async def test_waiting_goes_on_after_a_restart(remote: RemoteRig) -> None:
    ticket = await submitted(remote, await remote.provider())
    result = await finished(remote, await remote.provider(), Ticket(ticket.remote_id))
    assert len(result.images) == 2
    assert remote.submissions_made() == 1


async def test_waiting_may_be_abandoned_and_taken_up_again(remote: RemoteRig) -> None:
    provider = await remote.provider()
    ticket = await submitted(remote, provider)
    async with asyncio.TaskGroup() as group:
        group.create_task(finished(remote, provider, ticket)).cancel()
    assert len((await finished(remote, provider, ticket)).images) == 2


@pytest.mark.parametrize("remote_id", ["nobodyknowsthis", "", "../account", "a b\n", "ü" * 300])
async def test_an_unknown_id_is_a_lost_result(rig: Rig, remote_id: str) -> None:
    provider = await rig.provider()
    with pytest.raises(ResultLost):
        await finished(rig, provider, Ticket(remote_id))


async def test_cancel_ends_the_wait(rig: Rig) -> None:
    rig.will_hang()
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    await provider.cancel(ticket)
    await provider.cancel(ticket)
    with pytest.raises(GenerationCanceled):
        await finished(rig, provider, ticket)


async def test_cancel_of_an_ended_or_unknown_submission_is_no_error(rig: Rig) -> None:
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    await finished(rig, provider, ticket)
    await provider.cancel(ticket)
    for remote_id in ("nobodyknowsthis", "", "../../account"):
        await provider.cancel(Ticket(remote_id))


async def test_the_deadline_ends_the_wait(rig: Rig) -> None:
    rig.will_hang()
    provider = await rig.provider()
    ticket = await submitted(rig, provider)
    start = rig.clock.monotonic()
    with pytest.raises(DeadlineExceeded):
        await provider.wait(ticket, deadline=start + SHORT, on_progress=lambda _progress: None)
    assert SHORT <= rig.clock.monotonic() - start < SHORT + 1


async def test_past_the_deadline_nothing_is_submitted(rig: Rig) -> None:
    provider = await rig.provider()
    now = rig.clock.monotonic()
    with pytest.raises(DeadlineExceeded):
        await provider.submit(rig.request(), await the_offer(provider), deadline=now)
    with pytest.raises(DeadlineExceeded):
        await provider.wait(Ticket("some"), deadline=now, on_progress=lambda _progress: None)
    assert rig.submissions_made() == 0


async def test_failure_censorship_and_loss_are_told_apart(remote: RemoteRig) -> None:
    provider = await remote.provider()
    remote.will_fail()
    with pytest.raises(GenerationFailed):
        await finished(remote, provider, await submitted(remote, provider))
    remote.will_censor()
    with pytest.raises(Censored) as censored:
        await finished(remote, provider, await submitted(remote, provider))
    assert censored.value.verdict.stage == "image"
    remote.will_lose_the_picture()
    with pytest.raises(ResultLost):
        await finished(remote, provider, await submitted(remote, provider))


async def test_a_malformed_answer_is_a_bad_answer(remote: RemoteRig) -> None:
    provider = await remote.provider()
    remote.will_garble()
    with pytest.raises(BadAnswer):
        await finished(remote, provider, await submitted(remote, provider))


async def test_without_a_connection_nothing_was_accepted(remote: RemoteRig) -> None:
    remote.will_refuse_connections()
    provider = await remote.provider()
    with pytest.raises(NotAccepted):
        await provider.submit(
            remote.request(), await the_offer(provider), deadline=remote.clock.monotonic() + SHORT
        )
    assert remote.submissions_made() == 0


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_lost_answer_is_not_asked_for_again(remote: RemoteRig, accepted: bool) -> None:
    remote.will_drop_the_answer(accepted=accepted)
    provider = await remote.provider()
    with pytest.raises(OutcomeUnknown):
        await submitted(remote, provider)
    assert remote.submissions_made() == (1 if accepted else 0)
    assert remote.attempts_seen() == 1


async def test_its_errors_name_it(rig: Rig) -> None:
    provider = await rig.provider()
    with pytest.raises(ResultLost) as lost:
        await finished(rig, provider, Ticket("nobodyknowsthis"))
    assert lost.value.provider == provider.name


async def test_closing_twice_is_no_error(rig: Rig) -> None:
    provider = await rig.provider()
    await provider.aclose()
    await provider.aclose()
