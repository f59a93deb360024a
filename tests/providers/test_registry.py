import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from providers.nebula import NebulaProvider
from providers.openai_compatible import OpenAICompatibleProvider
from providers.registry import (
    KNOWN_PROVIDERS,
    FusionBrainConfig,
    LocalConfig,
    NebulaConfig,
    OpenAIConfig,
    ProviderConfigs,
    ReplicateConfig,
    SegmindConfig,
    UnknownProvider,
    build,
)
from providers.replicate import ReplicateProvider
from tests.fakes.clock import FakeClock

TOKEN = "r8_secret"  # noqa: S105 - opens nothing
REPLICATE = ReplicateConfig(api_token=TOKEN, webhook_secret="whsec_c2VjcmV0")  # noqa: S106 - a test's


def test_nothing_configured_is_nothing_built() -> None:
    assert build(ProviderConfigs(), order=["replicate", "local"], clock=FakeClock()) == {}


@pytest.mark.parametrize(
    ("name", "config", "kind"),
    [
        ("replicate", REPLICATE, ReplicateProvider),
        ("nebula", NebulaConfig(api_key=TOKEN), NebulaProvider),
        ("openai", OpenAIConfig(model="dall-e-3"), OpenAICompatibleProvider),
    ],
)
async def test_a_configured_provider_is_built(name: str, config: object, kind: type) -> None:
    made = build(ProviderConfigs(**{name: config}), clock=FakeClock())
    assert list(made) == [name]
    assert isinstance(made[name], kind)
    assert made[name].name == name
    await made[name].aclose()


async def test_segmind_is_built_with_its_slugs() -> None:
    config = SegmindConfig(api_key=TOKEN, slugs={"kandinsky-2.1": "v2/other"})
    made = build(ProviderConfigs(segmind=config), clock=FakeClock())["segmind"]
    names = {offer.model: offer.remote_name for offer in await made.offers()}
    assert names == {"kandinsky-2.1": "v2/other", "kandinsky-2.2": "v1/kandinsky2.2-txt2img"}
    assert "secret" not in repr(config)
    await made.aclose()


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


async def test_fusionbrain_is_built_and_hides_its_keys() -> None:
    config = FusionBrainConfig(api_key="a-secret", secret_key="b-secret", api="text2image")  # noqa: S106 - opens nothing
    made = build(ProviderConfigs(fusionbrain=config), clock=FakeClock())
    assert list(made) == ["fusionbrain"]
    assert "secret" not in repr(config).replace("secret_key", "")
    await made["fusionbrain"].aclose()


@pytest.mark.parametrize(
    "wrong", [{"api_key": ""}, {"secret_key": "a b"}, {"base_url": "x"}, {"styles_url": "/static"}]
)
def test_a_wrong_fusionbrain_configuration_is_refused(wrong: dict[str, str]) -> None:
    good = {"api_key": "a", "secret_key": "b"}
    with pytest.raises(ValueError, match=r"_key|_url"):
        FusionBrainConfig(**good | wrong)


def test_an_unknown_name_is_refused_and_told() -> None:
    with pytest.raises(UnknownProvider) as error:
        build(ProviderConfigs(), order=["replicate", "midjourney"], clock=FakeClock())
    assert error.value.name == "midjourney"
    assert error.value.known == KNOWN_PROVIDERS
    assert "midjourney" in str(error.value)


def test_a_configuration_hides_its_token() -> None:
    for config in (
        REPLICATE,
        NebulaConfig(api_key=TOKEN),
        OpenAIConfig(api_key=TOKEN, model="dall-e-3"),
    ):
        assert "secret" not in repr(config)
    assert "secret" not in repr(ProviderConfigs(replicate=REPLICATE))
    assert "whsec" not in repr(REPLICATE)


@pytest.mark.parametrize("token", ["", "r8 secret", "r8_secret\n", "r8_sécret", "r8_\x00secret"])
def test_a_token_no_header_can_carry_is_refused_unquoted(token: str) -> None:
    for config, name in (
        (ReplicateConfig, "api_token"),
        (NebulaConfig, "api_key"),
        (partial(OpenAIConfig, model="dall-e-3"), "api_key"),
    ):
        with pytest.raises(ValueError, match=name) as error:
            config(**{name: token})
        assert "cret" not in str(error.value)


@pytest.mark.parametrize(
    "url", ["", "api.replicate.com", "ftp://a/", "https://a b/", "https://u:p@a/"]
)
def test_a_base_url_must_be_plain(url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        ReplicateConfig(api_token=TOKEN, base_url=url)
    with pytest.raises(ValueError, match="base_url"):
        NebulaConfig(api_key=TOKEN, base_url=url)
    with pytest.raises(ValueError, match="base_url"):
        OpenAIConfig(base_url=url, model="dall-e-3")


def test_importing_the_registry_imports_neither_httpx_nor_pillow_nor_torch() -> None:
    script = (
        "import sys, providers.registry, providers.testing, providers.sniffing, providers.base;"
        "sys.exit(bool({'httpx', 'PIL', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
