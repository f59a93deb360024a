"""Which providers exist, and how each is made from its configuration.

Adapters are imported only when configured: httpx and torch cost start-up time and memory.
"""

import functools
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from providers.base import ImageProvider
from providers.clock import Clock
from providers.offers.segmind import segmind_offers
from providers.urls import is_plain_url

if TYPE_CHECKING:
    from providers.http import HttpClient


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceConfig:
    """What is set for a service on the network.

    adapter: `module:class`; its constructor takes the fields by their names, and `http`, `clock`.
    """

    adapter: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicateConfig(ServiceConfig):
    """`base_url`: the API's root, as in Replicate's documents (with `/v1`).

    callback_url: where it can call us. webhook_secret (`whsec_...`): asked for where it is None.
    Raises ValueError.
    """

    adapter: ClassVar = "providers.replicate:ReplicateProvider"

    api_token: str = field(repr=False)
    base_url: str = "https://api.replicate.com/v1"
    callback_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_credential("api_token", self.api_token)
        check_base_url(self.base_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class FusionBrainConfig(ServiceConfig):
    """`base_url`: the host's root. `api`: the surface to use, None to find out which answers.

    Raises ValueError.
    """

    adapter: ClassVar = "providers.fusionbrain:FusionBrainProvider"

    api_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    base_url: str = "https://api-key.fusionbrain.ai"
    api: Literal["pipeline", "text2image"] | None = None
    styles_url: str = "https://cdn.fusionbrain.ai/static/styles/key"

    def __post_init__(self) -> None:
        check_credential("api_key", self.api_key)
        check_credential("secret_key", self.secret_key)
        check_base_url(self.base_url)
        check_base_url(self.styles_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmindConfig(ServiceConfig):
    """`base_url`: the service's root, without a version. Raises ValueError.

    slugs: the addresses of models that aren't called as the offers say (see `segmind_offers`).
    """

    adapter: ClassVar = "providers.segmind:SegmindProvider"

    api_key: str = field(repr=False)
    base_url: str = "https://api.segmind.com"
    slugs: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_credential("api_key", self.api_key)
        check_base_url(self.base_url)
        segmind_offers(self.slugs)


@dataclass(frozen=True, slots=True, kw_only=True)
class NebulaConfig(ServiceConfig):
    """`base_url`: the API's root, as in Nebula Block's documents (with `/api/v1`). Raises ValueError."""

    adapter: ClassVar = "providers.nebula:NebulaProvider"

    api_key: str = field(repr=False)
    base_url: str = "https://api.nebulablock.com/api/v1"

    def __post_init__(self) -> None:
        check_credential("api_key", self.api_key)
        check_base_url(self.base_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAIConfig(ServiceConfig):
    """One model at an OpenAI-compatible endpoint. Raises ValueError.

    api_key: None where the endpoint asks for none. base_url: its root, with `/v1`.
    """

    adapter: ClassVar = "providers.openai_compatible:OpenAICompatibleProvider"

    api_key: str | None = field(default=None, repr=False)
    base_url: str = "https://api.openai.com/v1"
    model: str

    def __post_init__(self) -> None:
        if self.api_key is not None:
            check_credential("api_key", self.api_key)
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
    keep_sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfigs:
    """One field per known provider, by its name; None means not enabled."""

    local: LocalConfig | None = None
    fusionbrain: FusionBrainConfig | None = None
    replicate: ReplicateConfig | None = None
    segmind: SegmindConfig | None = None
    nebula: NebulaConfig | None = None
    openai: OpenAIConfig | None = None


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
    config: LocalConfig | ServiceConfig | None, clock: Clock, http: "Callable[[], HttpClient]"
) -> ImageProvider | None:
    match config:
        case None:
            return None
        case LocalConfig():
            return _local(config, clock)
        case ServiceConfig():
            return _remote(config, clock, http())


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
        keep_sensitive=config.keep_sensitive,
    )
    return LocalProvider(pipeline, clock=clock)


def _remote(config: ServiceConfig, clock: Clock, http: "HttpClient") -> ImageProvider:
    module, _, name = config.adapter.partition(":")
    adapter = getattr(importlib.import_module(module), name)
    named = {each.name: getattr(config, each.name) for each in fields(config)}
    made: ImageProvider = adapter(**named, http=http, clock=clock)
    return made
