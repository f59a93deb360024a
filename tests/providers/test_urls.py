import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from providers.urls import DownloadPolicy, is_plain_url
from providers.wire import UnsafeUrl

OFFICIAL = DownloadPolicy("https://api.replicate.com/v1", "replicate.delivery")
HOME = DownloadPolicy("http://127.0.0.1:8000/v1")


@pytest.mark.parametrize(
    "url",
    [
        "https://replicate.delivery/pbxt/a/out-0.png",
        "https://api.replicate.com/v1/files/abc/content",
        "https://cdn.example.org:8443/a.png?sig=%2Fab&x=1",
        "https://8.8.8.8/a.png",
        "https://[2001:4860:4860::8888]/a.png",
        "https://[64:ff9b::808:808]/a.png",
    ],
)
def test_public_https_is_fetched(url: str) -> None:
    OFFICIAL.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://replicate.delivery/a.png",
        "http://api.replicate.com/v1/files/a",
        "https://127.0.0.1/a",
        "https://10.1.2.3/a",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a",
        "https://[fd00::1]/a",
        "https://[::ffff:127.0.0.1]/a",
        "https://[::ffff:a9fe:a9fe]/a",
        "https://[fe80::1]/a",
        "https://[fd00:ec2::254]/latest/meta-data",
        "https://[64:ff9b::7f00:1]/a",
        "https://[2002:7f00:1::]/a",
        "https://[ff02::1]/a",
        "https://[::]/a",
        "https://0.0.0.0/a",
        "https://100.100.100.200/latest/meta-data",
        "https://224.0.0.1/a",
        "https://240.0.0.1/a",
        "https://user:password@example.com/a",
        "https://2130706433/a",
        "https://0x7f.1/a",
        "https://127.1/a",
        "https://localhost/a",
        "https://printer.local/a",
        "https://metadata.google.internal/a",
        "https://intranet/a",
        "file:///etc/passwd",
        "ftp://example.com/a",
        "https://api.replicate.com\\@evil.example/a",
        "https://api.replicate.com@evil.example/a",
        "https://evil.example\n.replicate.delivery/a",
        "https://example.com:99999/a",
        "https://exämple.com/a",
        "//example.com/a",
        "example.com",
        "",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(UnsafeUrl):
        OFFICIAL.check(url)
    with pytest.raises(UnsafeUrl):
        DownloadPolicy("https://other.example").check(url)


def test_a_private_service_may_name_its_own_host_on_any_port() -> None:
    HOME.check("http://127.0.0.1:8000/files/a.png")
    HOME.check("http://127.0.0.1:9999/a.png")
    HOME.check("https://example.com/a.png")
    for other in ("http://127.0.0.2:8000/a", "http://localhost:8000/a", "http://192.168.0.1/a"):
        with pytest.raises(UnsafeUrl):
            HOME.check(other)


@pytest.mark.parametrize(
    ("url", "takes"),
    [
        ("https://api.replicate.com/v1/files/a", True),
        ("https://api.replicate.com:443/v1/files/a", True),
        ("https://replicate.delivery/a.png", True),
        ("https://pbxt.replicate.delivery/a.png", True),
        ("http://api.replicate.com/v1/files/a", False),
        ("https://api.replicate.com:8443/a", False),
        ("http://replicate.delivery/a.png", False),
        ("https://evilreplicate.delivery/a.png", False),
        ("https://replicate.delivery.evil.example/a.png", False),
        ("https://replicate.com/a", False),
        ("https://example.com/https://api.replicate.com/", False),
    ],
)
def test_the_token_goes_home_and_to_the_delivery_domain(url: str, takes: bool) -> None:
    assert OFFICIAL.takes_token(url) is takes


def test_without_a_token_domain_only_the_origin_takes_it() -> None:
    assert HOME.takes_token("http://127.0.0.1:8000/a")
    assert not HOME.takes_token("http://127.0.0.1:8001/a")
    assert not HOME.takes_token("https://replicate.delivery/a")


@example("HTTP://[0]")  # Python's own reader of addresses raises
@given(st.text(max_size=60) | st.text("htps:/@\\.[]:%0127a?#", max_size=40).map("https://".__add__))
def test_any_text_is_checked_without_surprise(url: str) -> None:
    try:
        OFFICIAL.check(url)
    except UnsafeUrl:
        return
    assert is_plain_url(url)
    assert url.lower().startswith("https://")
