import subprocess
import sys
from pathlib import Path

import pytest

from providers.registry import (
    KNOWN_PROVIDERS,
    LocalConfig,
    ProviderConfigs,
    ReplicateConfig,
    UnknownProvider,
    build,
)
from providers.replicate import ReplicateProvider
from tests.fakes.clock import FakeClock

TOKEN = "r8_secret"  # noqa: S105 - opens nothing
REPLICATE = ReplicateConfig(api_token=TOKEN, webhook_secret="whsec_c2VjcmV0")  # noqa: S106 - a test's


def test_nothing_configured_is_nothing_built() -> None:
    assert build(ProviderConfigs(), order=["replicate", "local"], clock=FakeClock()) == {}


async def test_a_configured_provider_is_built() -> None:
    made = build(ProviderConfigs(replicate=REPLICATE), clock=FakeClock())
    assert list(made) == ["replicate"]
    assert isinstance(made["replicate"], ReplicateProvider)
    await made["replicate"].aclose()


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((), ["local", "replicate"]),
        (("replicate",), ["replicate", "local"]),
        (("replicate", "local", "replicate"), ["replicate", "local"]),
    ],
)
async def test_named_ones_come_first(order, expected, tmp_path: Path) -> None:
    pytest.importorskip("providers.local.provider")
    local = LocalConfig(model="a-model", cache_dir=tmp_path)
    made = build(ProviderConfigs(replicate=REPLICATE, local=local), order=order, clock=FakeClock())
    assert list(made) == expected
    for provider in made.values():
        await provider.aclose()


def test_an_unknown_name_is_refused_and_told() -> None:
    with pytest.raises(UnknownProvider) as error:
        build(ProviderConfigs(), order=["replicate", "midjourney"], clock=FakeClock())
    assert error.value.name == "midjourney"
    assert error.value.known == KNOWN_PROVIDERS
    assert "midjourney" in str(error.value)


def test_a_configuration_hides_its_token() -> None:
    assert "r8_secret" not in repr(REPLICATE)
    assert "whsec" not in repr(REPLICATE)
    assert "r8_secret" not in repr(ProviderConfigs(replicate=REPLICATE))


@pytest.mark.parametrize("token", ["", "r8 secret", "r8_secret\n", "r8_sécret", "r8_\x00secret"])
def test_a_token_no_header_can_carry_is_refused_unquoted(token: str) -> None:
    with pytest.raises(ValueError, match="api_token") as error:
        ReplicateConfig(api_token=token)
    assert "cret" not in str(error.value)


@pytest.mark.parametrize(
    "url", ["", "api.replicate.com", "ftp://a/", "https://a b/", "https://u:p@a/"]
)
def test_a_base_url_must_be_plain(url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        ReplicateConfig(api_token=TOKEN, base_url=url)


def test_importing_the_registry_imports_neither_httpx_nor_pillow_nor_torch() -> None:
    script = (
        "import sys, providers.registry, providers.testing, providers.sniffing, providers.base;"
        "sys.exit(bool({'httpx', 'PIL', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
