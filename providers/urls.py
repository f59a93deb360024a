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
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


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

    def is_home(self, url: str) -> bool:
        """Whether it is the service's own host, which may be private."""
        return same_host(url, self.base_url)

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


def is_public_address(address: str) -> bool:
    """Whether an IP address is anybody's to reach: no network of our own, no cloud's metadata."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (inner := _wrapped_in(ip)) is not None:
        ip = inner
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def _wrapped_in(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that it stands for at a host or a gateway that translates."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _is_public(host: str) -> bool:
    # Where a name leads is seen when it is connected to: `providers.http` looks then.
    try:
        return is_public_address(host)
    except ValueError:
        return bool(_PUBLIC_NAME.fullmatch(host)) and not host.endswith(_PRIVATE_SUFFIXES)
