"""Which providers exist, and how each is made from its configuration.

Adapters are imported only when configured: httpx and torch cost start-up time and memory.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from providers.base import ImageProvider
from providers.clock import Clock
from providers.urls import is_plain_url

if TYPE_CHECKING:
    from providers.http import HttpClient


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicateConfig:
    """`base_url`: the API's root, as in Replicate's documents (with `/v1`).

    callback_url: where it can call us. webhook_secret (`whsec_...`): asked for where it is None.
    Raises ValueError.
    """

    api_token: str = field(repr=False)
    base_url: str = "https://api.replicate.com/v1"
    callback_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_credential("api_token", self.api_token)
        check_base_url(self.base_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalConfig:
    """`model`: a hub id or a folder; None leaves device and dtype to the machine.

    The models beside it likewise, None for none: a ControlNet, one that sees depth, one that
    checks pictures.
    """

    model: str
    device: str | None = None
    dtype: str | None = None
    cache_dir: Path
    controlnet: str | None = None
    depth_model: str | None = None
    safety_model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfigs:
    """One field per known provider, by its name; None means not enabled."""

    local: LocalConfig | None = None
    replicate: ReplicateConfig | None = None


KNOWN_PROVIDERS: tuple[str, ...] = tuple(ProviderConfigs.__dataclass_fields__)
"""Every provider's name, in the order used where PROVIDER_ORDER doesn't say otherwise."""


def check_credential(name: str, value: str) -> None:
    """Raises ValueError where no HTTP header can carry it; the message doesn't quote it."""
    if not value.isascii() or not value.isprintable() or not value or " " in value:
        raise ValueError(f"{name} is empty or has characters no key has")


def check_base_url(url: str) -> None:
    """Raises ValueError."""
    if not is_plain_url(url):
        raise ValueError("base_url is not a plain http or https address")


class UnknownProvider(Exception):
    def __init__(self, name: str, known: tuple[str, ...] = KNOWN_PROVIDERS) -> None:
        super().__init__(f"unknown provider {name!r}; known are {', '.join(known)}")
        self.name = name
        self.known = known


def build(
    configs: ProviderConfigs, *, order: Sequence[str] = (), clock: Clock
) -> dict[str, ImageProvider]:
    """Make every enabled provider: those named in `order` first, the others after.

    A name in `order` that isn't enabled is passed over. Raises UnknownProvider.
    """
    for name in order:
        if name not in KNOWN_PROVIDERS:
            raise UnknownProvider(name)
    http = functools.cache(lambda: _http_client(clock))
    names = dict.fromkeys([*order, *KNOWN_PROVIDERS])
    made = {name: _make(getattr(configs, name), clock, http) for name in names}
    return {name: provider for name, provider in made.items() if provider is not None}


def _make(
    config: LocalConfig | ReplicateConfig | None, clock: Clock, http: "Callable[[], HttpClient]"
) -> ImageProvider | None:
    match config:
        case None:
            return None
        case LocalConfig():
            return _local(config, clock)
        case ReplicateConfig():
            return _replicate(config, clock, http())


def _http_client(clock: Clock) -> "HttpClient":
    from providers.http import HttpClient

    return HttpClient(clock)


def _local(config: LocalConfig, clock: Clock) -> ImageProvider:
    from providers.local.config import PipelineConfig
    from providers.local.provider import LocalProvider

    pipeline = PipelineConfig(
        model=config.model,
        device=config.device,
        dtype=config.dtype,
        cache_dir=config.cache_dir,
        controlnet=config.controlnet,
        depth_model=config.depth_model,
        safety_model=config.safety_model,
    )
    return LocalProvider(pipeline, clock=clock)


def _replicate(config: ReplicateConfig, clock: Clock, http: "HttpClient") -> ImageProvider:
    from providers.replicate import ReplicateProvider

    return ReplicateProvider(
        config.api_token,
        base_url=config.base_url,
        callback_url=config.callback_url,
        webhook_secret=config.webhook_secret,
        http=http,
        clock=clock,
    )
