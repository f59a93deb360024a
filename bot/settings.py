"""The only reader of the environment. Names and defaults are those of the README's table."""

import re
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.commands.durations import parse_duration
from bot.settings_words import parse_headers, parse_ids, parse_pairs, parse_rates, words
from providers.offers.segmind import segmind_offers
from providers.registry import check_credential
from providers.urls import is_plain_url
from providers.webhooks import signing_key
from storage.records import UNLIMITED

WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # Bot API, setWebhook
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


class WrongSetting(Exception):
    """A setting can't be used. The message is one line that names it and echoes no secret."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.problem = problem


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    bot_token: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"
    telegram_api_local: bool = False
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    monitoring: bool = True
    otel_exporter_otlp_endpoint: str | None = None
    otel_exporter_otlp_headers: SecretStr | None = None
    otel_service_name: str = "imagine-bot"
    admin_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    storage_chat_id: int | None = None
    database_url: str | None = None
    data_dir: Path = Path("./data")
    blob_url: str | None = None
    aws_endpoint_url: str | None = None
    aws_region: str = "us-east-1"
    aws_access_key_id: SecretStr | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_ca_bundle: Path | None = None
    retention_days: Annotated[int, Field(ge=0)] = 0
    daily_quota: Annotated[int, Field(ge=0)] = 20
    admin_daily_quota: Annotated[int, Field(ge=0, le=UNLIMITED)] = UNLIMITED
    quota_timezone: str = "UTC"
    allowed_chats: Annotated[frozenset[int], NoDecode] = frozenset()
    nsfw_allowed: Literal["block", "spoiler", "allow"] = "block"
    chat_daily_quota: Annotated[int, Field(ge=0)] = 0
    default_model: str | None = None
    provider_order: Annotated[tuple[str, ...], NoDecode] = ()
    provider_rates: Annotated[
        dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]], NoDecode
    ] = {}
    unchecked_pictures: Literal["deliver", "spoiler", "block"] = "deliver"
    max_running_per_user: Annotated[int, Field(ge=1)] = 2
    max_requests_per_minute: Annotated[int, Field(ge=1)] = 10
    access: Literal["open", "list", "invite"] = "open"
    allowed_users: Annotated[frozenset[int], NoDecode] = frozenset()
    strikes_before_pause: Annotated[int, Field(ge=0)] = 3
    strike_pause: timedelta = timedelta(minutes=10)
    fusionbrain_api_key: SecretStr | None = None
    fusionbrain_secret_key: SecretStr | None = None
    fusionbrain_base_url: str = "https://api-key.fusionbrain.ai"
    fusionbrain_api: Literal["auto", "pipeline", "text2image"] = "auto"
    fusionbrain_styles_url: str = "https://cdn.fusionbrain.ai/static/styles/key"
    prompt_blocklist: Path | None = None
    prompt_allowlist: Path | None = None
    moderation_url: str | None = None
    moderation_api_key: SecretStr | None = None
    moderation_model: str = "omni-moderation-latest"
    moderation_when_down: Literal["closed", "open"] = "closed"
    replicate_api_token: SecretStr | None = None
    replicate_base_url: str = "https://api.replicate.com/v1"
    replicate_webhook_url: str | None = None
    replicate_webhook_secret: SecretStr | None = None
    segmind_api_key: SecretStr | None = None
    segmind_base_url: str = "https://api.segmind.com"
    segmind_slugs: Annotated[dict[str, str], NoDecode] = {}
    nebula_api_key: SecretStr | None = None
    nebula_base_url: str = "https://api.nebulablock.com/api/v1"
    openai_images_api_key: SecretStr | None = None
    openai_images_base_url: str | None = None
    openai_images_model: Annotated[str | None, Field(max_length=200, pattern=r"^[!-~]+$")] = None
    local_model: str | None = None
    local_device: str | None = None
    local_dtype: str | None = None
    local_controlnet: str | None = None
    local_depth_model: str | None = None
    local_safety_model: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    @field_validator("admin_daily_quota", mode="before")
    @classmethod
    def _read_unlimited(cls, value: object) -> object:
        return UNLIMITED if value == "unlimited" else value

    @field_validator("strike_pause", mode="before")
    @classmethod
    def _read_duration(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        if (length := parse_duration(value)) is None:
            raise ValueError("must be a time like 30s, 10m, 2h or 1d")
        return length

    @field_validator("admin_ids", "allowed_users", "allowed_chats", mode="before")
    @classmethod
    def _split_ids(cls, value: object) -> object:
        return parse_ids(value) if isinstance(value, str) else value

    @field_validator("provider_order", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        return words(value) if isinstance(value, str) else value

    @field_validator("provider_rates", mode="before")
    @classmethod
    def _split_rates(cls, value: object) -> object:
        return parse_rates(value) if isinstance(value, str) else value

    @field_validator("quota_timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("no such time zone, use a name like Europe/Berlin") from error
        return value

    @field_validator(
        "telegram_api_url",
        "fusionbrain_base_url",
        "fusionbrain_styles_url",
        "replicate_base_url",
        "segmind_base_url",
        "nebula_base_url",
        "openai_images_base_url",
        "moderation_url",
        "otel_exporter_otlp_endpoint",
    )
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not is_plain_url(value):
            raise ValueError("not a URL like https://host/path")
        return value.rstrip("/")

    @field_validator("webhook_url", "replicate_webhook_url")
    @classmethod
    def _is_reachable_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not is_plain_url(value):
            raise ValueError("not a URL like https://host/path")
        parts = urlsplit(value)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK_HOSTS:
            raise ValueError("must be https (http only on this machine itself)")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_webhook_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not WEBHOOK_SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("must be 1 to 256 characters of A-Z, a-z, 0-9, _ and -")
        return value

    @field_validator("replicate_webhook_secret")
    @classmethod
    def _is_signing_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            signing_key(value.get_secret_value())
        return value

    @field_validator(
        "fusionbrain_api_key",
        "fusionbrain_secret_key",
        "replicate_api_token",
        "segmind_api_key",
        "nebula_api_key",
        "openai_images_api_key",
        "moderation_api_key",
    )
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_credential("the key", value.get_secret_value())
        return value

    @field_validator("otel_exporter_otlp_headers")
    @classmethod
    def _are_headers(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parse_headers(value.get_secret_value())
        return value

    @field_validator("segmind_slugs", mode="before")
    @classmethod
    def _split_slugs(cls, value: object) -> object:
        return parse_pairs(value) if isinstance(value, str) else value

    @field_validator("segmind_slugs")
    @classmethod
    def _known_slugs(cls, value: dict[str, str]) -> dict[str, str]:
        segmind_offers(value)
        return value

    @field_validator("local_dtype")
    @classmethod
    def _known_dtype(cls, value: str | None) -> str | None:
        from providers.local.loader import DTYPES  # noqa: PLC0415 - only where it is used

        if value is not None and value not in DTYPES:
            raise ValueError(f"must be one of {', '.join(DTYPES)}")
        return value

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Self:
        if self.webhook_url is not None and self.webhook_secret is None:
            raise WrongSetting("WEBHOOK_SECRET", "is needed with WEBHOOK_URL")
        return self

    @model_validator(mode="after")
    def _fusionbrain_is_whole(self) -> Self:
        if (self.fusionbrain_api_key is None) != (self.fusionbrain_secret_key is None):
            names = ("FUSIONBRAIN_API_KEY", "FUSIONBRAIN_SECRET_KEY")
            missing, given = names if self.fusionbrain_api_key is None else names[::-1]
            raise WrongSetting(missing, f"is needed with {given}")
        return self

    @model_validator(mode="after")
    def _replicate_can_call(self) -> Self:
        callback = self.replicate_callback_url
        if self.replicate_webhook_secret is not None and callback is None:
            raise WrongSetting(
                "REPLICATE_WEBHOOK_URL", "is needed with REPLICATE_WEBHOOK_SECRET, or WEBHOOK_URL"
            )
        if callback and self.webhook_url and _path(callback) == _path(self.webhook_url):
            raise WrongSetting("REPLICATE_WEBHOOK_URL", "has the path of WEBHOOK_URL")
        return self

    @model_validator(mode="after")
    def _moderation_is_whole(self) -> Self:
        if self.moderation_api_key is not None and self.moderation_url is None:
            raise WrongSetting("MODERATION_URL", "is needed with MODERATION_API_KEY")
        return self

    @cached_property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.quota_timezone)

    @property
    def database(self) -> str:
        return self.database_url or self.database_file

    @property
    def database_file(self) -> str:
        """Where the data are as long as no DATABASE_URL is set."""
        return f"sqlite+aiosqlite:///{self.data_dir.absolute() / 'bot.db'}"

    @property
    def database_setting(self) -> str:
        """Which setting says where the database is."""
        return "DATABASE_URL" if self.database_url else "DATA_DIR"

    @property
    def replicate_callback_url(self) -> str | None:
        """Where Replicate is told to call, None where it isn't to."""
        if self.replicate_webhook_url is not None or self.webhook_url is None:
            return self.replicate_webhook_url
        if self.replicate_webhook_secret is None:
            return None
        return urlsplit(self.webhook_url)._replace(path="/replicate", query="").geturl()

    @property
    def token(self) -> str:
        """Raises WrongSetting where no token is set."""
        if self.bot_token is None:
            raise WrongSetting("BOT_TOKEN", "is not set; get one from @BotFather, or try the demo")
        return self.bot_token.get_secret_value()


def load_settings(**overrides: object) -> Settings:
    """Read the environment and `.env`. Raises WrongSetting for the first thing wrong."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values
    except UnicodeDecodeError:
        raise WrongSetting(".env", "is not a text in UTF-8") from None
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "settings"
        raise WrongSetting(name, first["msg"].removeprefix("Value error, ")) from None


def _path(url: str) -> str:
    return urlsplit(url).path or "/"
