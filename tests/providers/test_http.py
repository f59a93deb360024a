import asyncio
import gzip
import socket
import sys
import zlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from providers.clock import SystemClock
from providers.http import MAX_REDIRECTS, HttpClient, connect_failure
from providers.retries import BRIEF_ATTEMPTS, PATIENT_ATTEMPTS
from providers.urls import DownloadPolicy
from providers.wire import (
    Answer,
    AnswerLost,
    AnswerTooLarge,
    ConnectFailed,
    HostNotFound,
    OutOfTime,
    Request,
    TransferError,
    UnreadableJson,
    UnsafeUrl,
)
from tests.fakes import faults
from tests.fakes.certificates import certified
from tests.fakes.clock import FakeClock
from tests.fakes.server import FakeService

TOKEN = {"Authorization": "Bearer r8_secret"}


class Service(FakeService):
    def routes(self) -> list[web.RouteDef]:
        return [web.route("*", "/{anything:.*}", self.handle("any", self._answer))]

    async def _answer(self, _request: web.Request) -> web.Response:
        return web.json_response({"fine": True})


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with Service() as service:
        yield service


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(auto=True)


@pytest.fixture
async def http(clock: FakeClock) -> AsyncIterator[HttpClient]:
    client = HttpClient(clock, jitter=lambda: 1.0)
    yield client
    await client.aclose()


def get(service: Service, **changes: object) -> Request:
    known = {"method": "GET", "url": service.base_url + "/thing", "deadline": 60.0}
    return Request(**(known | changes))


def post(service: Service, **changes: object) -> Request:
    return get(service, **({"method": "POST", "body": b"{}"} | changes))


async def test_an_answer_whole(service: Service, http: HttpClient) -> None:
    answer = await http.send(get(service, headers=TOKEN))
    assert answer.ok
    assert answer.json() == {"fine": True}
    assert answer.headers["content-type"].startswith("application/json")
    assert service.requests[0].headers["Authorization"] == TOKEN["Authorization"]


class Searches:
    """Stands before the finders of modules and notes what is looked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def find_spec(self, name: str, *_: object) -> None:
        self.names.append(name)


async def test_a_request_searches_for_no_modules(service, http, monkeypatch) -> None:
    await http.send(get(service))  # what is imported at the first one is so once
    searches = Searches()
    monkeypatch.setattr(sys, "meta_path", [searches, *sys.meta_path])
    await http.send(get(service))
    assert searches.names == []


async def test_an_answer_may_be_long_in_coming_where_that_is_expected(service: Service) -> None:
    client = HttpClient(SystemClock())
    deadline = SystemClock().monotonic() + 1.0
    service.fault("any", faults.hang(service.released), times=2)
    with pytest.raises(AnswerLost, match="ReadTimeout"):
        await client.send(post(service, deadline=deadline, silence=0.1))
    with pytest.raises(AnswerLost, match="before the deadline"):
        await client.send(post(service, deadline=deadline, silence=None))
    await client.aclose()


@pytest.mark.parametrize("fault", [faults.reset_before, faults.bad_gateway(), faults.cut_short])
async def test_a_get_is_repeated_until_it_works(service, http, clock, fault) -> None:
    service.fault("any", fault, times=3)
    assert (await http.send(get(service))).ok
    assert service.count("any") == 4
    assert clock.slept == [0.25, 0.5, 1.0]


@pytest.mark.parametrize("status", [400, 401, 404, 422, 501])
async def test_answers_that_repeating_cannot_change_are_handed_on(service, http, status) -> None:
    service.fault("any", faults.answer(status, {}))
    assert (await http.send(get(service))).status == status
    assert service.count("any") == 1


async def test_the_last_loss_is_handed_on(service, http) -> None:
    service.fault("any", faults.reset_before, times=100)
    with pytest.raises(AnswerLost):
        await http.send(get(service))
    assert service.count("any") == PATIENT_ATTEMPTS


async def test_attempts_are_bounded_and_the_last_answer_is_handed_on(service, http) -> None:
    service.fault("any", faults.bad_gateway(), times=100)
    assert (await http.send(get(service))).status == 502
    assert service.count("any") == PATIENT_ATTEMPTS


@pytest.mark.parametrize(
    "fault", [faults.reset_before, faults.reset_after, faults.cut_short], ids=lambda f: f.__name__
)
async def test_a_post_whose_answer_was_lost_is_sent_once(service, http, fault) -> None:
    service.fault("any", fault)
    with pytest.raises(AnswerLost):
        await http.send(post(service))
    assert service.count("any") == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_post_is_not_repeated_after_a_server_error(service, http, status) -> None:
    service.fault("any", faults.answer(status))
    assert (await http.send(post(service))).status == status
    assert service.count("any") == 1


async def test_a_question_is_repeated_after_429_and_waits_as_told(service, http, clock) -> None:
    service.fault("any", faults.answer(429, {}, Retry_After="7"))
    assert (await http.send(get(service))).ok
    assert service.count("any") == 2
    assert clock.slept == [7.0]


@pytest.mark.parametrize("wait", ["3600", "61"])
async def test_a_long_429_is_handed_on(service, http, clock, wait) -> None:
    service.fault("any", faults.answer(429, {}, Retry_After=wait))
    assert (await http.send(get(service))).status == 429
    assert clock.slept == []


async def test_a_post_throttled_is_handed_on_for_it_concerns_all_others_too(
    service, http, clock
) -> None:
    service.fault("any", faults.answer(429, {}, Retry_After="7"))
    assert (await http.send(post(service))).status == 429
    assert clock.slept == []


@pytest.mark.parametrize("hint", ["soon", "-1", "nan", "inf", "", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_a_senseless_retry_after_falls_back_to_backoff(service, http, clock, hint) -> None:
    service.fault("any", faults.answer(429, {}, Retry_After=hint))
    assert (await http.send(get(service))).ok
    assert clock.slept == [0.25]


async def test_a_refused_connection_is_tried_again_even_for_a_post(clock, http) -> None:
    request = Request(method="POST", url="http://127.0.0.1:1/", deadline=60.0)
    with pytest.raises(ConnectFailed):
        await http.send(request)
    assert len(clock.slept) == BRIEF_ATTEMPTS - 1


async def test_a_server_for_which_nobody_known_vouches_is_sent_nothing(http, tmp_path) -> None:
    received: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read(1000))
        writer.close()

    _, tls = certified(tmp_path)
    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    address = f"https://localhost:{port}/"
    async with server:
        with pytest.raises(ConnectFailed):
            await http.send(Request(method="GET", url=address, headers=TOKEN, deadline=60.0))
    assert not received


async def test_no_pause_goes_past_the_deadline(service, http, clock) -> None:
    service.fault("any", faults.bad_gateway(), times=100)
    assert (await http.send(get(service, deadline=1.0))).status == 502
    assert sum(clock.slept) < 1.0


async def test_past_the_deadline_nothing_is_sent(service, http) -> None:
    with pytest.raises(OutOfTime):
        await http.send(post(service, deadline=0.0))
    assert service.count("any") == 0


@pytest.mark.parametrize("fault", ["hang", "drip"])
async def test_the_deadline_bounds_silence_and_slow_drips(service, fault) -> None:
    troubles = {"hang": faults.hang(service.released), "drip": faults.drip()}
    service.fault("any", troubles[fault], times=2)
    clock = SystemClock()
    client = HttpClient(clock)
    start = clock.monotonic()
    with pytest.raises(OutOfTime):
        await client.send(get(service, deadline=start + 0.2))
    with pytest.raises(AnswerLost):
        await client.send(post(service, deadline=clock.monotonic() + 0.2))
    assert 0.4 <= clock.monotonic() - start < 20  # neither fault would ever end by itself
    assert service.count("any") == 2
    await client.aclose()


async def test_a_flood_is_cut_off(service, http) -> None:
    service.fault("any", faults.flood(50_000_000))
    with pytest.raises(AnswerTooLarge):
        await http.send(get(service, max_bytes=100_000))


async def test_cancelling_a_call_is_safe(service, http) -> None:
    service.fault("any", faults.hang(service.released))
    async with asyncio.TaskGroup() as group:
        call = group.create_task(http.send(post(service)))
        await service.until("any")
        call.cancel()
    assert call.cancelled()
    assert (await http.send(get(service))).ok


@pytest.mark.parametrize("address", ["http://", "http://[", "http://a:b/", "gopher://a/", ""])
async def test_an_impossible_address_is_a_transfer_error(http, address) -> None:
    with pytest.raises(TransferError):
        await http.send(Request(method="GET", url=address, deadline=0.01))


async def test_an_unusable_token_is_not_quoted(service, http) -> None:
    headers = {"Authorization": "Bearer r8_secret\nX: y"}
    with pytest.raises(TransferError) as error:
        await http.send(post(service, headers=headers))
    assert "secret" not in repr(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_a_request_and_an_answer_hide_their_contents() -> None:
    request = Request(method="POST", url="u", deadline=1, headers=TOKEN, body=b"a secret prompt")
    assert "secret" not in repr(request)
    assert "secret" not in repr(Answer(200, {}, b"a secret prompt"))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000, b"<html>"])
def test_what_is_no_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableJson):
        Answer(200, {}, body).json()


async def download(http: HttpClient, service: Service, url: str, **changes: object) -> Answer:
    known = {"policy": DownloadPolicy(service.base_url), "deadline": 60.0, "token_headers": TOKEN}
    return await http.download(url, **(known | changes))


async def test_the_token_goes_to_the_services_own_origin_alone(service, http) -> None:
    async with Service() as neighbour:
        assert (await download(http, service, f"{service.base_url}/a.png")).ok
        assert (await download(http, service, f"{neighbour.base_url}/a.png")).ok
        assert service.requests[-1].headers["Authorization"] == TOKEN["Authorization"]
        assert "Authorization" not in neighbour.requests[-1].headers


async def test_a_redirect_is_followed_on_the_same_host_without_the_token(service, http) -> None:
    service.fault("any", faults.answer(302, {}, Location="/elsewhere"))
    assert (await download(http, service, f"{service.base_url}/a.png")).ok
    first, second = service.requests
    assert "Authorization" in first.headers
    assert second.path == "/elsewhere"
    assert "Authorization" not in second.headers


@pytest.mark.parametrize(
    "target", ["http://localhost:1/", "https://example.com/a", "//evil.example/"]
)
async def test_a_redirect_to_another_host_is_refused(service, http, target) -> None:
    service.fault("any", faults.answer(302, {}, Location=target))
    with pytest.raises(UnsafeUrl):
        await download(http, service, f"{service.base_url}/a.png")


async def test_redirects_end(service, http) -> None:
    service.fault("any", faults.answer(302, {}, Location="/again"), times=50)
    assert (await download(http, service, f"{service.base_url}/a.png")).status == 302
    assert service.count("any") == MAX_REDIRECTS + 1


async def test_a_download_has_a_cap(service, http) -> None:
    service.fault("any", faults.flood(10_000_000))
    with pytest.raises(AnswerTooLarge):
        await download(http, service, f"{service.base_url}/a.png", max_bytes=1000)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_what_was_compressed_unasked_is_unpacked_and_no_bomb(service, http, encoding) -> None:
    def packed(data: bytes) -> faults.Fault:
        body = gzip.compress(data) if encoding == "gzip" else zlib.compress(data)

        async def fault(_request: web.Request, _proceed: faults.Proceed) -> web.Response:
            return web.Response(body=body, headers={"Content-Encoding": encoding})

        return fault

    service.fault("any", packed(b"a picture"))
    assert (await download(http, service, f"{service.base_url}/a.png")).body == b"a picture"
    service.fault("any", packed(bytes(10_000_000)))
    with pytest.raises(AnswerTooLarge):
        await download(http, service, f"{service.base_url}/a.png", max_bytes=1_000_000)


async def test_broken_compression_is_a_lost_answer(service, http) -> None:
    service.fault("any", faults.answer(200, {}, Content_Encoding="gzip"), times=100)
    with pytest.raises(AnswerLost):
        await http.send(get(service))


async def test_a_public_name_that_leads_to_a_private_address_is_sent_nothing(
    service, http, monkeypatch
) -> None:
    """Also where the same name was reached before, by one who may."""
    port = service.base_url.rpartition(":")[2]
    rebound = f"http://pictures.example.org:{port}/a.png"
    look_up = socket.getaddrinfo

    def look_up_here(host, *rest, **more):
        here = host in ("pictures.example.org", b"pictures.example.org")
        return look_up("127.0.0.1" if here else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_here)
    known = {"method": "GET", "url": rebound, "deadline": 60.0}
    with pytest.raises(UnsafeUrl, match="private"):
        await http.send(Request(**known, public_only=True))
    assert service.requests == []
    assert (await http.send(Request(**known))).ok
    with pytest.raises(UnsafeUrl, match="private"):
        await http.send(Request(**known, public_only=True))
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("url", "public_only"),
    [("https://cdn.example.org/a.png", True), ("https://api.example.org/a.png", False)],
)
async def test_only_the_services_own_host_may_be_private(http, url, public_only) -> None:
    http._transport = transport = Redirecting("/again")
    await http.download(url, policy=DownloadPolicy("https://api.example.org"), deadline=60.0)
    assert {request.public_only for request in transport.requests} == {public_only}


class Redirecting:
    """A transport that sends every caller on, without a network."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.requests: list[Request] = []

    async def send(self, request: Request) -> Answer:
        self.requests.append(request)
        return Answer(302, {"location": self.target}, b"")


async def test_a_redirect_away_from_https_is_refused(http) -> None:
    http._transport = transport = Redirecting("http://cdn.example.org/a.png")
    with pytest.raises(UnsafeUrl):
        await http.download(
            "https://cdn.example.org/a.png",
            policy=DownloadPolicy("https://api.example.org"),
            deadline=60.0,
        )
    assert [request.url for request in transport.requests] == ["https://cdn.example.org/a.png"]


async def test_a_name_that_no_host_can_have_is_told_apart(http) -> None:
    too_long_for_any_resolver = ".".join(["x" * 60] * 5)
    with pytest.raises(HostNotFound):
        await http.send(
            Request(method="GET", url=f"http://{too_long_for_any_resolver}/", deadline=60.0)
        )


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), HostNotFound),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), ConnectFailed),
        (ConnectionRefusedError(), ConnectFailed),
        (None, ConnectFailed),
    ],
)
def test_a_resolver_that_cannot_be_asked_is_no_host_gone(cause, kind) -> None:
    between = OSError()
    between.__context__ = cause
    error = RuntimeError()
    error.__cause__ = between
    assert connect_failure(error) is kind
