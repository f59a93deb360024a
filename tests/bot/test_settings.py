"""Settings: what the environment says, and how a mistake is told."""

from pathlib import Path
from typing import Any

import pytest

from bot.enabled import SETTING_OF, build_providers
from bot.settings import Settings, WrongSetting, load_settings
from providers.clock import SystemClock

SECRET = "hunter2-of-the-test"  # noqa: S105 - opens nothing


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only what a test sets is set."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def problem(**values: Any) -> str:
    with pytest.raises(WrongSetting) as caught:
        load_settings(**values)
    text = str(caught.value)
    assert "\n" not in text and SECRET not in text
    assert text.startswith(f"{caught.value.name}: ")
    return text


def test_nothing_needs_to_be_set() -> None:
    settings = load_settings()
    assert settings.admin_ids == frozenset()
    assert settings.provider_order == ()
    assert settings.daily_quota == 20
    assert settings.database == f"sqlite+aiosqlite:///{Path.cwd()}/data/bot.db"
    assert settings.database_setting == "DATA_DIR"


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "BOT_TOKEN": SECRET,
        "ADMIN_IDS": " 1, 22 ,333,",
        "PROVIDER_ORDER": "Replicate, local",
        "PROVIDER_RATES": "Replicate=6, local=0.5",
        "QUOTA_TIMEZONE": "Europe/Berlin",
        "TELEGRAM_API_URL": "http://127.0.0.1:8081/",
        "DATABASE_URL": "sqlite+aiosqlite:///there.db",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.token == SECRET
    assert settings.admin_ids == {1, 22, 333}
    assert settings.provider_order == ("replicate", "local")
    assert settings.provider_rates == {"replicate": 6.0, "local": 0.5}
    assert str(settings.timezone) == "Europe/Berlin"
    assert settings.telegram_api_url == "http://127.0.0.1:8081"
    assert settings.database == "sqlite+aiosqlite:///there.db"
    assert settings.database_setting == "DATABASE_URL"


def test_a_file_stands_behind_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DAILY_QUOTA=7\nDEFAULT_MODEL=from-file\nUNKNOWN=1\n")
    monkeypatch.setenv("DEFAULT_MODEL", "from-environment")
    settings = load_settings()
    assert (settings.daily_quota, settings.default_model) == (7, "from-environment")


def test_what_is_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), "")
    assert load_settings() == Settings(_env_file=None)


def test_no_secret_is_shown() -> None:
    settings = load_settings(
        bot_token=SECRET,
        replicate_api_token=SECRET,
        webhook_secret=SECRET,
        moderation_api_key=SECRET,
        moderation_url="https://m.example/v1",
    )
    assert SECRET not in repr(settings) and SECRET not in str(settings)


def test_a_missing_token_is_named() -> None:
    with pytest.raises(WrongSetting, match=r"^BOT_TOKEN: is not set"):
        _ = load_settings().token


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("admin_ids", "abc"),
        ("admin_ids", "1;2"),
        ("admin_ids", "1.5"),
        ("daily_quota", "-1"),
        ("daily_quota", SECRET),
        ("quota_timezone", "Mars"),
        ("quota_timezone", "/etc/localtime"),
        ("http_port", "65536"),
        ("max_running_per_user", "0"),
        ("max_requests_per_minute", "0"),
        ("unchecked_pictures", SECRET),
        ("log_level", "LOUD"),
        ("local_dtype", "float7"),
        ("telegram_api_url", "api.telegram.org"),
        ("telegram_api_url", f"https://user:{SECRET}@host"),
        ("fusionbrain_base_url", "api-key.fusionbrain.ai"),
        ("fusionbrain_styles_url", "/static/styles/key"),
        ("fusionbrain_api", "v2"),
        ("fusionbrain_api_key", f"{SECRET}\nX-Injected: 1"),
        ("fusionbrain_secret_key", f"{SECRET} {SECRET}"),
        ("replicate_base_url", "file:///etc"),
        ("replicate_api_token", f"{SECRET}\nX-Injected: 1"),
        ("segmind_api_key", f"{SECRET}\nX-Injected: 1"),
        ("segmind_base_url", "api.segmind.com"),
        ("segmind_slugs", "kandinsky2.1-txt2img"),
        ("segmind_slugs", "sdxl=sdxl"),
        ("segmind_slugs", "kandinsky-2.1=v3/x"),
        ("nebula_api_key", f"{SECRET} {SECRET}"),
        ("nebula_base_url", "nebula"),
        ("openai_images_api_key", f"{SECRET}\n"),
        ("openai_images_base_url", f"http://user:{SECRET}@127.0.0.1"),
        ("openai_images_model", "two words"),
        ("webhook_url", "http://bot.example.org/hook"),
        ("webhook_url", "https://"),
        ("webhook_url", "https://[::1"),
        ("moderation_url", "api.example.org/v1"),
        ("moderation_when_down", "ajar"),
        ("moderation_api_key", f"{SECRET}\nX-Injected: 1"),
        ("webhook_secret", f"{SECRET}!"),
        ("webhook_secret", "a" * 257),
        ("replicate_webhook_url", "http://bot.example.org/replicate"),
        ("replicate_webhook_secret", SECRET),
        ("replicate_webhook_secret", f"whsec_{SECRET}!"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    assert problem(**{name: value}).startswith(f"{name.upper()}: ")


def test_a_webhook_needs_a_secret() -> None:
    assert problem(webhook_url="https://bot.example.org/hook").startswith("WEBHOOK_SECRET: ")


def test_fusionbrains_keys_come_together() -> None:
    assert problem(fusionbrain_api_key=SECRET).startswith("FUSIONBRAIN_SECRET_KEY: ")
    assert problem(fusionbrain_secret_key=SECRET).startswith("FUSIONBRAIN_API_KEY: ")


def test_fusionbrain_is_enabled_by_its_keys() -> None:
    settings = load_settings(
        fusionbrain_api_key=SECRET, fusionbrain_secret_key=SECRET, fusionbrain_api="text2image"
    )
    assert SECRET not in repr(settings)
    made = build_providers(settings, SystemClock())
    assert list(made) == ["fusionbrain"]
    assert set(SETTING_OF) >= set(made)


def test_slugs_are_pairs() -> None:
    told = " Kandinsky-2.1 = kandinsky2.1-txt2img, kandinsky-2.2=v2/Kandinsky2.2 ,"
    assert load_settings(segmind_slugs=told).segmind_slugs == {
        "kandinsky-2.1": "kandinsky2.1-txt2img",
        "kandinsky-2.2": "v2/Kandinsky2.2",
    }
    assert load_settings().segmind_slugs == {}


def test_a_moderation_key_needs_its_service() -> None:
    assert problem(moderation_api_key=SECRET).startswith("MODERATION_URL: ")


@pytest.mark.parametrize(
    "url", ["https://bot.example.org/hook", "http://localhost:1/", "http://[::1]:8081/hook"]
)
def test_webhooks_that_may_be(url: str) -> None:
    assert load_settings(webhook_url=url, webhook_secret="aZ0_-").webhook_url == url  # noqa: S106 - a test's


HOOK = {"webhook_url": "https://bot.example.org/hook?x=1", "webhook_secret": "s"}
SIGNED = {"replicate_webhook_secret": "whsec_b3RoZXI="}


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({}, None),
        (HOOK, None),
        (HOOK | SIGNED, "https://bot.example.org/replicate"),
        ({"replicate_webhook_url": "https://a.example/r"}, "https://a.example/r"),
        (HOOK | SIGNED | {"replicate_webhook_url": "https://a.example/r"}, "https://a.example/r"),
    ],
)
def test_where_replicate_calls(values: dict[str, str], url: str | None) -> None:
    assert load_settings(**values).replicate_callback_url == url


def test_a_secret_of_calls_that_cannot_come_is_told() -> None:
    assert problem(**SIGNED).startswith("REPLICATE_WEBHOOK_URL: ")


def test_two_services_cannot_call_at_one_path() -> None:
    same = {"replicate_webhook_url": "https://other.example/hook"}
    assert problem(**HOOK, **same).startswith("REPLICATE_WEBHOOK_URL: ")


def test_a_wrong_value_in_the_environment_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_IDS", SECRET)
    assert problem().startswith("ADMIN_IDS: must be Telegram ids")
