"""From the settings to the enabled providers and what they offer."""

from collections.abc import Mapping

import structlog

from bot.settings import Settings, WrongSetting
from bot.usecases.engines import Engines
from providers.base import ImageProvider, Listening
from providers.clock import Clock
from providers.errors import Misconfigured, Unavailable
from providers.registry import (
    LocalConfig,
    ProviderConfigs,
    ReplicateConfig,
    UnknownProvider,
    build,
)

SETTING_OF = {"local": "LOCAL_MODEL", "replicate": "REPLICATE_API_TOKEN"}
"""The setting that enables a provider, and so the one to name where it can't work."""

log = structlog.get_logger(__name__)


def build_providers(settings: Settings, clock: Clock) -> dict[str, ImageProvider]:
    """Raises WrongSetting for an order that names no provider, or where none is enabled."""
    configs = ProviderConfigs(local=_local(settings), replicate=_replicate(settings))
    try:
        made = build(configs, order=settings.provider_order, clock=clock)
    except UnknownProvider as error:
        raise WrongSetting("PROVIDER_ORDER", str(error)) from None
    if not made:
        raise WrongSetting("LOCAL_MODEL", "no provider is enabled; set this or a service's key")
    return made


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
    )


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
