"""The way into a provider: at once, how often, when not at all, and who is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from providers.breaker import FAILURES, FIRST_REST
from providers.bucket import Bucket
from providers.errors import (
    BadAnswer,
    Censored,
    DeadlineExceeded,
    GenerationFailed,
    InvalidRequest,
    NotAccepted,
    OutcomeUnknown,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceGone,
    Unauthorized,
    Unavailable,
)
from providers.gate import RECHECK, Gate
from providers.health import FIRST_PAUSE, LONGEST_HINT, SHORTEST_HINT, Trouble
from providers.testing import FakeProvider
from providers.types import Verdict, VerdictStatus
from tests.fakes.clock import FakeClock

FAR = 1e9
PICTURE = Verdict(VerdictStatus.BLOCKED, "image", "fake")


class Case:
    def __init__(self, *, at_once: int = 4, per_minute: float | None = None) -> None:
        self.clock = FakeClock()
        self.provider = FakeProvider(max_concurrency=at_once, clock=self.clock)
        self.told: list[tuple[str, Trouble]] = []
        self.gate = Gate(
            self.provider,
            self.clock,
            bucket=Bucket(per_minute, 1, self.clock.monotonic) if per_minute else None,
            on_trouble=lambda name, trouble: self.told.append((name, trouble)),
            jitter=lambda: 1.0,
        )
        self.inside = 0
        self.most = 0
        self.entered: list[float] = []

    async def fails(self, error: ProviderError) -> None:
        with pytest.raises(type(error)):
            async with self.gate.submission(FAR):
                raise error

    async def works(self) -> None:
        async with self.gate.submission(FAR):
            self.entered.append(self.clock.monotonic())

    async def stays(self, until: asyncio.Event, deadline: float = FAR) -> None:
        async with self.gate.submission(deadline):
            self.inside += 1
            self.most = max(self.most, self.inside)
            await until.wait()
            self.inside -= 1

    @asynccontextmanager
    async def crowd(self, count: int) -> AsyncIterator[asyncio.Event]:
        """So many inside or in line; all leave at the block's end."""
        leave = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(self.stays(leave))
            await asyncio.sleep(0)
            yield leave
            leave.set()


async def test_no_more_at_once_than_the_provider_takes() -> None:
    case = Case(at_once=2)
    async with case.crowd(7):
        assert case.inside == 2
    assert (case.most, case.inside) == (2, 0)


async def test_whoever_came_first_goes_first() -> None:
    case = Case(at_once=1)
    order: list[int] = []

    async def enter(number: int) -> None:
        async with case.gate.submission(FAR):
            order.append(number)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(enter(number))
    assert order == [0, 1, 2, 3, 4]


async def test_the_line_ends_at_the_deadline_and_by_a_cancellation() -> None:
    case = Case(at_once=1)
    async with case.crowd(1), asyncio.TaskGroup() as group:
        late = group.create_task(_error_of(case.stays(asyncio.Event(), deadline=5)))
        canceled = group.create_task(case.stays(asyncio.Event()))
        await case.clock.until_sleeping(2)
        canceled.cancel()
        await case.clock.advance(5)
        assert isinstance(await late, DeadlineExceeded)
    await case.works()  # nobody holds a slot that isn't used


async def _error_of(work: Awaitable[None]) -> ProviderError | None:
    try:
        await work
    except ProviderError as error:
        return error
    return None


async def test_a_cancellation_in_the_very_moment_of_the_call_loses_no_slot() -> None:
    case = Case(at_once=1)
    leave = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(case.stays(leave))
        await asyncio.sleep(0)
        second = group.create_task(case.stays(leave))
        await case.clock.until_sleeping()
        leave.set()
        await first
        second.cancel()
    await asyncio.wait_for(case.works(), 5)


async def test_no_oftener_than_the_rate_allows() -> None:
    case = Case(per_minute=6)
    async with asyncio.TaskGroup() as group:
        for _ in range(3):
            group.create_task(case.works())
        await case.clock.until_sleeping()
        await case.clock.advance(60)
    assert case.entered == [0, pytest.approx(10), pytest.approx(20)]


async def test_a_turn_after_the_deadline_is_not_waited_for() -> None:
    case = Case(per_minute=1)
    await case.works()
    with pytest.raises(DeadlineExceeded):
        async with case.gate.submission(30):
            pass


async def test_a_hint_of_no_time_at_all_is_a_pause_too() -> None:
    case = Case()
    await case.fails(RateLimited("fake", retry_after=0))
    assert case.gate.closed_for >= SHORTEST_HINT


@pytest.mark.parametrize("hint", [7.0, 90.0])
async def test_a_throttled_submission_pauses_all_of_the_provider(hint: float) -> None:
    case = Case()
    await case.fails(RateLimited("fake", retry_after=hint))
    assert hint <= case.gate.closed_for <= 1.1 * hint
    with pytest.raises(RateLimited):
        await case.works()
    await case.clock.advance(1.1 * hint)
    await case.works()


async def test_without_a_hint_the_pauses_grow() -> None:
    case = Case()
    pauses = []
    for _ in range(3):
        await case.fails(RateLimited("fake"))
        pauses.append(case.gate.closed_for)
        await case.clock.advance(case.gate.closed_for)
    assert pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    await case.works()
    await case.fails(RateLimited("fake"))
    assert case.gate.closed_for == FIRST_PAUSE


async def test_a_pause_has_a_limit_and_is_never_shortened() -> None:
    case = Case()
    async with case.crowd(1):
        await case.fails(RateLimited("fake", retry_after=1e9))
        assert case.gate.closed_for <= 1.1 * LONGEST_HINT
    assert case.gate.closed_for >= LONGEST_HINT  # though one that was inside succeeded


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("fake"),
        Unauthorized("fake"),
        ServiceGone("fake"),
        OutcomeUnknown("fake"),
        BadAnswer("fake"),
        DeadlineExceeded("fake"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_run_of_failures_closes_it_until_one_probe_succeeds(error: ProviderError) -> None:
    case = Case()
    for _ in range(FAILURES):
        await case.fails(error)
    assert case.gate.closed_for == FIRST_REST
    with pytest.raises(NotAccepted):
        await case.works()
    await case.clock.advance(FIRST_REST)
    async with case.crowd(1):  # the probe
        assert case.inside == 1
        with pytest.raises(NotAccepted):
            await case.works()
    await case.works()
    assert case.gate.is_well


@pytest.mark.parametrize(
    "error",
    [Censored("fake", PICTURE), InvalidRequest("fake"), GenerationFailed("fake")],
    ids=lambda error: type(error).__name__,
)
async def test_what_a_working_service_refuses_closes_nothing(error: ProviderError) -> None:
    case = Case()
    for _ in range(3 * FAILURES):
        await case.fails(error)
    assert case.gate.is_well and case.gate.closed_for == 0


async def test_a_canceled_probe_makes_room_for_the_next() -> None:
    case = Case()
    for _ in range(FAILURES):
        await case.fails(Unavailable("fake"))
    await case.clock.advance(FIRST_REST)
    probe = asyncio.get_running_loop().create_task(case.stays(asyncio.Event()))
    await asyncio.sleep(0)
    probe.cancel()
    await asyncio.wait({probe})
    await case.works()


async def test_an_empty_account_is_tried_again_after_a_while() -> None:
    case = Case()
    for _ in range(3):
        await case.fails(OutOfCredit("fake"))
        assert case.gate.closed_for == RECHECK
        with pytest.raises(OutOfCredit):
            await case.works()
        await case.clock.advance(RECHECK)
    await case.works()
    assert case.gate.is_well


@pytest.mark.parametrize(
    ("make", "trouble"),
    [(OutOfCredit, Trouble.NO_CREDIT), (Unauthorized, Trouble.KEY_REFUSED)],
)
async def test_its_owner_is_told_once_until_it_works_again(
    make: Callable[[str], ProviderError], trouble: Trouble
) -> None:
    case = Case()
    for _ in range(3):
        await case.fails(make("fake"))
        await case.clock.advance(RECHECK)
    assert case.told == [("fake", trouble)]
    await case.works()
    assert case.gate.trouble is None
    await case.fails(make("fake"))
    assert case.told == [("fake", trouble)] * 2  # it is news again


async def test_a_resumed_submission_enters_a_closed_gate_but_takes_room() -> None:
    case = Case(at_once=1)
    await case.fails(OutOfCredit("fake"))
    async with case.gate.resumed(FAR):
        with pytest.raises(DeadlineExceeded):
            async with case.gate.resumed(case.clock.monotonic()):
                pass
    assert case.gate.is_well  # it has answered
