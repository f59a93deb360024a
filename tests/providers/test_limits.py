import pytest

from providers.errors import OutOfCredit, ProviderError, Unavailable
from providers.gate import Gate
from providers.limits import RATES, Gates
from providers.registry import KNOWN_PROVIDERS
from providers.router import Standing
from providers.status import Credit
from providers.testing import FakeProvider
from tests.fakes.clock import FakeClock


class MeteredProvider(FakeProvider):
    credit: Credit | None = None


def gates(*names: str, **options: object) -> tuple[Gates, FakeClock]:
    clock = FakeClock(auto=True)
    providers = {name: MeteredProvider(name=name, clock=clock) for name in names}
    return Gates(providers, clock, jitter=lambda: 0.0, **options), clock  # type: ignore[arg-type] - keywords by name


async def fail(gate: Gate, error: ProviderError) -> None:
    with pytest.raises(type(error)):
        async with gate.submission(1e9):
            raise error


async def submit(gates: Gates, name: str, times: int) -> None:
    for _ in range(times):
        async with gates[name].submission(1e9):
            pass


def test_the_owners_order_then_all_others_alike() -> None:
    made, _ = gates("a", "b", "c", preferred=("c", "missing", "a"))
    places = {name: standing.place for name, standing in made.standings().items()}
    assert places == {"a": 2, "b": 3, "c": 0}
    made, _ = gates("a", "b")
    assert set(made.standings().values()) == {Standing()}


async def test_what_takes_no_work_says_so() -> None:
    made, _ = gates("a", "b")
    await fail(made["a"], OutOfCredit("a"))
    standings = made.standings()
    assert not standings["a"].takes_work and standings["b"].takes_work


async def test_a_single_failure_is_no_reason_to_stay_away() -> None:
    made, _ = gates("a")
    await fail(made["a"], Unavailable("a"))
    assert made.standings()["a"].takes_work


def test_credit() -> None:
    made, _ = gates("rich", "poor", "empty", "silent")
    for name, amount in (("rich", 20.0), ("poor", 0.4), ("empty", 0.0)):
        provider = made[name].provider
        assert isinstance(provider, MeteredProvider)
        provider.credit = Credit(amount, "USD")
    standings = made.standings()
    assert {name for name in standings if standings[name].low_credit} == {"poor", "empty"}
    assert {name for name in standings if not standings[name].takes_work} == {"empty"}


async def test_each_service_has_its_rate_and_the_owner_may_set_another() -> None:
    made, clock = gates("segmind", "fake")
    await submit(made, "segmind", 7)
    assert clock.monotonic() >= 12 * 2 - 0.01
    made, clock = gates("segmind", "fake", rates={"segmind": 50, "fake": 1})
    await submit(made, "segmind", 7)
    assert clock.monotonic() == 0
    await submit(made, "fake", 2)
    assert clock.monotonic() >= 60 - 0.01


def test_every_known_rate_is_of_a_known_provider() -> None:
    assert set(RATES) - {"segmind"} <= set(KNOWN_PROVIDERS)
