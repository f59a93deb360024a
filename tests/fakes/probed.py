"""The scripted provider as a service that can be asked how it does."""

from dataclasses import replace

from providers.catalog import Offer
from providers.errors import ProviderError
from providers.status import Credit, ServiceStatus
from providers.testing import FAKE_OFFER, FakeProvider


def offers_of(name: str, *models: str) -> tuple[Offer, ...]:
    return tuple(
        replace(FAKE_OFFER, provider=name, model=model, remote_name=f"{model}:pinned")
        for model in models
    )


class Probed(FakeProvider):
    """credit: as it said with an earlier answer."""

    def __init__(
        self,
        name: str,
        answer: ServiceStatus | ProviderError,
        *models: str,
        credit: Credit | None = None,
    ) -> None:
        super().__init__(name=name, offers=offers_of(name, *(models or ("fake-model",))))
        self.credit = credit
        self.deadlines: list[float] = []
        self._answer = answer

    async def probe(self, *, deadline: float) -> ServiceStatus:
        self.deadlines.append(deadline)
        if isinstance(self._answer, ProviderError):
            raise self._answer
        return self._answer
