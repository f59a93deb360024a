"""Which addresses we fetch pictures from, and which of them see our token."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from providers.wire import UnsafeUrl

# Strict on purpose: parsers disagree about user names, backslashes and blanks in an address,
# and a disagreement is how a token ends up at another host.
_PLAIN_URL = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
    r"(?:[/?][\x21-\x5b\x5d-\x7e]*)?",
    re.IGNORECASE,
)
_PUBLIC_NAME = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*", re.IGNORECASE)
_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class DownloadPolicy:
    """What a service at `base_url` may send us to.

    Any public host over https, and the service's own host. That host alone may be private or
    speak plain http, on any port, and only where the service itself does.
    token_domain: a domain whose hosts take the API token too (`replicate.delivery`).
    """

    base_url: str
    token_domain: str | None = None

    def check(self, url: str) -> None:
        """Raises UnsafeUrl."""
        target, base = _split(url), _split(self.base_url)
        if target.hostname == base.hostname and target.scheme in (base.scheme, "https"):
            return
        if target.scheme != "https" or not _is_public(target.hostname or ""):
            raise UnsafeUrl("not a public https address")

    def takes_token(self, url: str) -> bool:
        """Whether the token may go there: the API's own origin, or its token domain."""
        target, base = _split(url), _split(self.base_url)
        if _origin(target) == _origin(base):
            return True
        return (
            self.token_domain is not None
            and target.scheme == "https"
            and f".{target.hostname}".endswith(f".{self.token_domain}")
        )


def is_plain_url(url: str) -> bool:
    """Whether it is an http or https address that every parser reads alike."""
    try:
        _split(url)
    except UnsafeUrl:
        return False
    return True


def same_host(url: str, other: str) -> bool:
    return _split(url).hostname == _split(other).hostname


def same_origin(url: str, other: str) -> bool:
    """Scheme, host and port alike. Raises UnsafeUrl for what is no address."""
    return _origin(_split(url)) == _origin(_split(other))


def _split(url: str) -> SplitResult:
    if not _PLAIN_URL.fullmatch(url):
        raise UnsafeUrl("not a plain http address")
    try:
        parts = urlsplit(url)
        in_range = parts.port is None or 0 < parts.port <= _MAX_PORT
    except ValueError as error:
        raise UnsafeUrl("not a host, or not a port") from error
    if not in_range:
        raise UnsafeUrl("not a port")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]


def _is_public(host: str) -> bool:
    # A name that resolves to a private address is let through: over https the host there
    # would need a certificate for that name.
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return bool(_PUBLIC_NAME.fullmatch(host)) and not host.endswith(_PRIVATE_SUFFIXES)
