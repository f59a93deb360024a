"""How often each service may be asked, as data, and the gates that keep to it.

How many submissions it works on at once is its adapter's own word (`max_concurrency`).
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from providers.base import ImageProvider
from providers.bucket import Bucket
from providers.clock import Clock
from providers.gate import Gate, TroubleCallback
from providers.router import Standing
from providers.status import Credit

NEARLY_EMPTY = 1.0
"""Of a service's own unit, a dollar as a rule: such an account may not last for a job."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Submissions per minute; `burst`: how many of them in one go."""

    per_minute: float
    burst: int = 1


RATES: Mapping[str, Rate] = {
    "replicate": Rate(600, 10),  # of an account with credit; below 5 dollars it answers 429 itself
    "segmind": Rate(5, 5),  # the free plan; a paid one has 50
}
"""What the services' documents allow; PROVIDER_RATES overrules them."""


class Gates(Mapping[str, Gate]):
    """The gate of every provider, by its name.

    rates: by provider, instead of those in RATES; in minutes, with as much in one go.
    preferred: the providers the owner named (PROVIDER_ORDER), first choice first.
    """

    def __init__(
        self,
        providers: Mapping[str, ImageProvider],
        clock: Clock,
        *,
        rates: Mapping[str, float] | None = None,
        preferred: Sequence[str] = (),
        on_trouble: TroubleCallback = lambda _provider, _trouble: None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        own = {name: Rate(each, max(1, int(each))) for name, each in (rates or {}).items()}
        limits = {**RATES, **own}
        self._preferred = tuple(preferred)
        self._gates = {
            name: Gate(
                provider,
                clock,
                bucket=_bucket(limits.get(name), clock),
                on_trouble=on_trouble,
                jitter=jitter,
            )
            for name, provider in providers.items()
        }

    def __getitem__(self, name: str) -> Gate:
        return self._gates[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._gates)

    def __len__(self) -> int:
        return len(self._gates)

    def standings(self) -> dict[str, Standing]:
        """For `router.rank`."""
        return {name: self._standing(name, gate) for name, gate in self.items()}

    def _standing(self, name: str, gate: Gate) -> Standing:
        return Standing(
            takes_work=gate.is_well and not _is_empty(gate.credit),
            place=self._preferred.index(name) if name in self._preferred else len(self._preferred),
            low_credit=gate.credit is not None and gate.credit.amount < NEARLY_EMPTY,
        )


def _is_empty(credit: Credit | None) -> bool:
    return credit is not None and credit.amount <= 0


def _bucket(rate: Rate | None, clock: Clock) -> Bucket | None:
    return Bucket(rate.per_minute, rate.burst, clock.monotonic) if rate else None
