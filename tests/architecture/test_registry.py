"""Every provider that can be configured is held to the common contract."""

from providers.registry import KNOWN_PROVIDERS
from tests.contracts import test_image_provider as suite


def test_every_registered_provider_has_a_contract_suite_entry() -> None:
    assert len(KNOWN_PROVIDERS) >= 2
    assert not set(KNOWN_PROVIDERS) - set(suite.RIGS)
