"""What draws: the enabled providers and what they offer; and, if asked for, loading the local model."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.doctor.findings import Finding, bad, good, in_gigabytes, note
from bot.doctor.local import examine_local_model
from bot.enabled import (
    SETTING_OF,
    build_providers,
    check_engines,
    describe_engines,
    wrong_setting,
)
from bot.settings import Settings, WrongSetting
from providers.base import ImageProvider
from providers.clock import SystemClock
from providers.errors import Unavailable
from providers.local.provider import LocalProvider


async def examine_engines(settings: Settings) -> AsyncIterator[Finding]:
    try:
        async with opened_providers(settings) as providers:
            for name, provider in providers.items():
                async for finding in _examine_provider(settings, name, provider):
                    yield finding
            engines = await describe_engines(providers, settings.default_model)
            if engines.models:
                yield good(
                    "model",
                    f"{engines.default_model or engines.models[0]}, where a user names none",
                )
    except WrongSetting as error:
        yield bad(error.name, error.problem)


async def _examine_provider(
    settings: Settings, name: str, provider: ImageProvider
) -> AsyncIterator[Finding]:
    try:
        await check_engines({name: provider})
    except WrongSetting as error:
        yield bad(error.name, error.problem)
        return
    offers = await provider.offers()
    models = ", ".join(f"{offer.model} ({', '.join(sorted(offer.modes))})" for offer in offers)
    yield good(f"provider {name}", f"enabled by {SETTING_OF[name]}: {models}")
    if name == "local":
        async for finding in examine_local_model(settings):
            yield finding


async def examine_loading(settings: Settings) -> AsyncIterator[Finding]:
    """Load the local model as `run` would; takes its time and its memory."""
    try:
        async with opened_providers(settings) as providers:
            local = providers.get("local")
            if not isinstance(local, LocalProvider):
                yield note("--load", "no local model is enabled")
                return
            await check_engines({"local": local})
            yield await _load(local)
    except WrongSetting:
        return  # told already


async def _load(provider: LocalProvider) -> Finding:
    clock = SystemClock()
    started = clock.monotonic()
    try:
        await provider.start()
    except Unavailable as error:
        found = wrong_setting("local", error)
        return bad(found.name, found.problem)
    facts = provider.facts
    if facts is None:
        return bad(SETTING_OF["local"], "its process ended as soon as it was loaded")
    words = (
        f"in {clock.monotonic() - started:.1f} s on {facts.device} in {facts.dtype}",
        f"offload {facts.offload}",
        f"draws {facts.at_once} at once",
        f"{in_gigabytes(facts.peak_memory)} of memory at most",
    )
    return good("loaded", ", ".join(words))


@asynccontextmanager
async def opened_providers(settings: Settings) -> AsyncIterator[Mapping[str, ImageProvider]]:
    """Raises WrongSetting."""
    providers = build_providers(settings, SystemClock())
    try:
        yield providers
    finally:
        for provider in providers.values():
            await provider.aclose()
