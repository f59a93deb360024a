"""Which settings enable which provider, and what is said where they don't suffice."""

import pytest

from bot.enabled import OPENAI_MODEL, OPENAI_ROOT, SETTING_OF, configured
from bot.playground.demo import demo_settings
from bot.playground.server import Playground
from bot.settings import Settings, WrongSetting
from providers.registry import KNOWN_PROVIDERS, NebulaConfig, OpenAIConfig, ProviderConfigs

KEY = "sk-of-the-test"
LOCAL_AI = "http://127.0.0.1:8080/v1"


def settings(**values: str) -> Settings:
    return Settings(_env_file=None, **values)


def openai(**values: str) -> OpenAIConfig | None:
    return configured(settings(**{f"openai_images_{name}": v for name, v in values.items()})).openai


def test_without_settings_nothing_is_enabled() -> None:
    assert configured(settings()) == ProviderConfigs()


def test_every_provider_has_a_setting_to_name() -> None:
    assert set(SETTING_OF) == set(KNOWN_PROVIDERS)


def test_a_key_enables_nebula() -> None:
    assert configured(settings(nebula_api_key=KEY)).nebula == NebulaConfig(api_key=KEY)


def test_a_key_alone_is_openai_and_its_default_model() -> None:
    assert openai(api_key=KEY) == OpenAIConfig(
        api_key=KEY, base_url=OPENAI_ROOT, model=OPENAI_MODEL
    )


def test_a_url_alone_enables_a_server_without_a_key() -> None:
    expected = OpenAIConfig(api_key=None, base_url=LOCAL_AI, model="sd")
    assert openai(base_url=LOCAL_AI + "/", model="sd") == expected


def test_a_model_alone_enables_nothing() -> None:
    assert openai(model="dall-e-3") is None


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"base_url": LOCAL_AI}, "OPENAI_IMAGES_MODEL"),
        ({"base_url": LOCAL_AI, "api_key": KEY}, "OPENAI_IMAGES_MODEL"),
        ({"base_url": OPENAI_ROOT}, "OPENAI_IMAGES_API_KEY"),
        ({"base_url": "https://API.openai.com/v1", "model": "dall-e-3"}, "OPENAI_IMAGES_API_KEY"),
    ],
)
def test_what_is_missing_is_named_in_one_line(values: dict[str, str], name: str) -> None:
    with pytest.raises(WrongSetting) as wrong:
        openai(**values)
    assert wrong.value.name == name
    assert KEY not in str(wrong.value) and "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    ("values", "local"),
    [
        ({}, "demo"),
        ({"nebula_api_key": KEY}, None),
        ({"openai_images_base_url": LOCAL_AI, "openai_images_model": "sd"}, None),
    ],
)
async def test_the_demo_draws_by_itself_only_where_nobody_else_does(
    values: dict[str, str], local: str | None
) -> None:
    async with Playground.start(host="127.0.0.1", port=0) as playground:
        assert demo_settings(settings(**values), playground).local_model == local
