"""From the settings to the enabled providers and what they offer."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import structlog

from bot.settings import Settings, WrongSetting
from bot.usecases.engines import Engines
from providers.base import ImageProvider, Listening
from providers.clock import Clock
from providers.errors import Misconfigured, Unavailable
from providers.registry import (
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

SETTING_OF = {
    "local": "LOCAL_MODEL",
    "fusionbrain": "FUSIONBRAIN_API_KEY",
    "replicate": "REPLICATE_API_TOKEN",
    "nebula": "NEBULA_API_KEY",
    "openai": "OPENAI_IMAGES_*",  # by the key or by the URL
    "segmind": "SEGMIND_API_KEY",
}
"""The setting that enables a provider, and so the one to name where it can't work."""

_KEYS = re.compile(r"_(API_KEY|API_TOKEN|SECRET_KEY)$")

OPENAI_ROOT = "https://api.openai.com/v1"
OPENAI_MODEL = "gpt-image-1.5"
"""Drawn with at OpenAI itself where none is named: its document's own default for edits."""

log = structlog.get_logger(__name__)


def build_providers(settings: Settings, clock: Clock) -> dict[str, ImageProvider]:
    """Raises WrongSetting for an order that names no provider, or where none is enabled."""
    try:
        made = build(configured(settings), order=settings.provider_order, clock=clock)
    except UnknownProvider as error:
        raise WrongSetting("PROVIDER_ORDER", str(error)) from None
    if not made:
        raise WrongSetting("LOCAL_MODEL", "no provider is enabled; set this or a service's key")
    return made


def configured(settings: Settings) -> ProviderConfigs:
    """Raises WrongSetting."""
    return ProviderConfigs(
        local=_local(settings),
        fusionbrain=_fusionbrain(settings),
        replicate=_replicate(settings),
        segmind=_segmind(settings),
        nebula=_nebula(settings),
        openai=_openai(settings),
    )


def _local(settings: Settings) -> LocalConfig | None:
    if settings.local_model is None:
        return None
    return LocalConfig(
        model=settings.local_model,
        device=settings.local_device,
        dtype=settings.local_dtype,
        cache_dir=settings.data_dir / "models",
        controlnet=settings.local_controlnet,
        depth_model=settings.local_depth_model,
        safety_model=settings.local_safety_model,
        keep_sensitive=settings.nsfw_allowed != "block",
    )


def _fusionbrain(settings: Settings) -> FusionBrainConfig | None:
    if settings.fusionbrain_api_key is None or settings.fusionbrain_secret_key is None:
        return None
    try:
        return FusionBrainConfig(
            api_key=settings.fusionbrain_api_key.get_secret_value(),
            secret_key=settings.fusionbrain_secret_key.get_secret_value(),
            base_url=settings.fusionbrain_base_url,
            api=None if settings.fusionbrain_api == "auto" else settings.fusionbrain_api,
            styles_url=settings.fusionbrain_styles_url,
        )
    except ValueError as error:
        raise WrongSetting("FUSIONBRAIN_API_KEY", str(error)) from None


def _replicate(settings: Settings) -> ReplicateConfig | None:
    if settings.replicate_api_token is None:
        return None
    secret = settings.replicate_webhook_secret
    try:
        return ReplicateConfig(
            api_token=settings.replicate_api_token.get_secret_value(),
            base_url=settings.replicate_base_url,
            callback_url=settings.replicate_callback_url,
            webhook_secret=secret.get_secret_value() if secret else None,
        )
    except ValueError as error:
        raise WrongSetting("REPLICATE_API_TOKEN", str(error)) from None


def _nebula(settings: Settings) -> NebulaConfig | None:
    if settings.nebula_api_key is None:
        return None
    try:
        return NebulaConfig(
            api_key=settings.nebula_api_key.get_secret_value(), base_url=settings.nebula_base_url
        )
    except ValueError as error:
        raise WrongSetting("NEBULA_API_KEY", str(error)) from None


def _openai(settings: Settings) -> OpenAIConfig | None:
    key, base_url = settings.openai_images_api_key, settings.openai_images_base_url
    if key is None and base_url is None:
        return None
    is_official = urlsplit(base_url or OPENAI_ROOT).hostname == urlsplit(OPENAI_ROOT).hostname
    model = settings.openai_images_model or (OPENAI_MODEL if is_official else None)
    if model is None:
        raise WrongSetting(
            "OPENAI_IMAGES_MODEL", "must name a model there: only OpenAI's own has a default"
        )
    if key is None and is_official:
        raise WrongSetting("OPENAI_IMAGES_API_KEY", "is needed at api.openai.com")
    try:
        return OpenAIConfig(
            api_key=key.get_secret_value() if key else None,
            base_url=base_url or OPENAI_ROOT,
            model=model,
        )
    except ValueError as error:
        raise WrongSetting("OPENAI_IMAGES_API_KEY", str(error)) from None


def _segmind(settings: Settings) -> SegmindConfig | None:
    if settings.segmind_api_key is None:
        return None
    try:
        return SegmindConfig(
            api_key=settings.segmind_api_key.get_secret_value(),
            base_url=settings.segmind_base_url,
            slugs=settings.segmind_slugs,
        )
    except ValueError as error:
        raise WrongSetting("SEGMIND_API_KEY", str(error)) from None


def listening(providers: Mapping[str, ImageProvider]) -> dict[str, Listening]:
    """Those whose services were told to call."""
    return {
        name: provider
        for name, provider in providers.items()
        if isinstance(provider, Listening) and provider.callback_url is not None
    }


async def check_engines(providers: Mapping[str, ImageProvider]) -> None:
    """Raises WrongSetting for what can't work: better now than at the first picture."""
    for name, provider in providers.items():
        try:
            await provider.check()
        except Unavailable as error:
            raise wrong_setting(name, error) from None


def wrong_setting(provider: str, error: Unavailable) -> WrongSetting:
    """A provider's complaint, with the setting to change."""
    if isinstance(error, Misconfigured):
        return WrongSetting(f"{provider}_{error.option}".upper(), error.detail)
    return WrongSetting(SETTING_OF.get(provider, provider), error.detail)


def key_setting(provider: str) -> str:
    """The setting with a service's key, also where another one enables it too (`NAME_*`)."""
    return SETTING_OF.get(provider, provider).replace("*", "API_KEY")


def address_setting(provider: str) -> str:
    """The setting with a service's address; of what has no key, the one that enables it."""
    return _KEYS.sub("_BASE_URL", key_setting(provider))


async def get_ready(provider: ImageProvider) -> None:
    """Load what it needs while the bot runs; where that fails, jobs say so in words.

    Raises WrongSetting, which ends the bot, for what no waiting mends: a checker of pictures that
    can't be loaded must not be missed by nobody looking.
    """
    try:
        await provider.start()
    except Misconfigured as error:
        raise wrong_setting(provider.name, error) from None
    except Unavailable as error:
        log.warning("provider not ready", provider=provider.name, detail=error.detail)


async def describe_engines(
    providers: Mapping[str, ImageProvider], default_model: str | None
) -> Engines:
    """Ask every provider what it offers. Raises WrongSetting for an unknown default model."""
    offers = [offer for provider in providers.values() for offer in await provider.offers()]
    engines = Engines(providers, offers, default_model)
    if default_model is not None and default_model not in engines.models:
        raise WrongSetting(
            "DEFAULT_MODEL",
            f"{default_model!r} isn't offered; there is {', '.join(engines.models)}",
        )
    return engines
