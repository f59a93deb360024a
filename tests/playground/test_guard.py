"""Nobody but this machine's own programs and the page itself gets an answer."""

import pytest

from bot.playground import ANN, Playground
from tests.playground.conftest import Client


@pytest.mark.parametrize("path", ["/", "/app/state?user=1001", "/bot{token}/getMe"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", ""])
async def test_other_hosts_are_refused(
    client: Client, playground: Playground, path: str, host: str
) -> None:
    url = playground.url + path.format(token=playground.token)
    headers = {"Host": host.format(port=playground.port)}
    async with client.session.get(url, headers=headers) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
async def test_loopback_names_are_answered(
    client: Client, playground: Playground, name: str
) -> None:
    headers = {"Host": f"{name}:{playground.port}"}
    async with client.session.get(f"{client.root}/getMe", headers=headers) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1:1"])
async def test_posts_from_other_pages_are_refused(
    client: Client, playground: Playground, origin: str | None
) -> None:
    headers = {"Origin": origin} if origin else {}
    body = {"user": ANN, "chat": ANN, "text": "x"}
    url = f"{playground.url}/app/send"
    async with client.session.post(url, json=body, headers=headers) as answer:
        assert answer.status == 403
    assert playground.messages(ANN) == []


async def test_only_loopback_is_listened_on() -> None:
    with pytest.raises(ValueError, match="loopback only"):
        async with Playground.start(host="0.0.0.0"):  # noqa: S104 - refused, which is the test
            pass


async def test_the_page_forbids_everything_from_elsewhere(
    client: Client, playground: Playground
) -> None:
    async with client.session.get(playground.url) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'")
        assert "://" not in await answer.text()


async def test_the_page_is_told_what_was_wrong(client: Client, playground: Playground) -> None:
    headers = {"Origin": playground.url}
    for body, status in (
        ({"user": ANN, "chat": -5, "text": "x"}, 409),
        ({"user": ANN, "chat": ANN, "text": " "}, 409),
        ({"user": ANN}, 400),
        ([], 400),
        ({"user": ANN, "chat": ANN, "text": 5}, 400),
    ):
        url = f"{playground.url}/app/send"
        async with client.session.post(url, json=body, headers=headers) as answer:
            assert answer.status == status
            assert (await answer.json())["fault"]


async def test_uploads_of_the_bot_can_not_pose_as_pages(
    client: Client, playground: Playground
) -> None:
    await playground.send(ANN, ANN, "/start")
    await client.ok("sendDocument", chat_id=ANN, document=b"<script>alert(1)</script>")
    async with client.session.get(f"{playground.url}/app/state?user={ANN}") as answer:
        chats = (await answer.json())["chats"]
    shown = next(chat for chat in chats if chat["id"] == ANN)["messages"][-1]["document"]
    async with client.session.get(f"{playground.url}/{shown['url']}") as answer:
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
