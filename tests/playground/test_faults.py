"""Planted faults strike as told, and only then."""

import asyncio

import aiohttp
import pytest

from bot.playground import ANN, BORIS, Playground, faults
from bot.playground.faults import Fault
from tests.playground.conftest import Client, HandClock


@pytest.fixture(autouse=True)
async def started(playground: Playground) -> None:
    await playground.send(ANN, ANN, "/start")
    await playground.send(BORIS, BORIS, "/start")


def said(playground: Playground) -> list[str | None]:
    return [message.text for message in playground.messages(ANN)[1:]]


async def test_flood_is_told_with_its_seconds_and_only_so_often(
    client: Client, playground: Playground
) -> None:
    playground.faults.add("sendMessage", faults.flood(7), times=2)
    for _ in range(2):
        answer = await client("sendMessage", chat_id=ANN, text="x")
        assert answer["error_code"] == 429 and answer["parameters"] == {"retry_after": 7}
    await client.ok("sendMessage", chat_id=ANN, text="y")
    assert said(playground) == ["y"]


async def test_a_fault_keeps_to_its_chat_and_method(client: Client, playground: Playground) -> None:
    playground.faults.add("sendMessage", faults.BLOCKED, chat_id=BORIS)
    await client.ok("sendMessage", chat_id=ANN, text="x")
    await client.ok("getChat", chat_id=BORIS)
    refused = await client.refused("sendMessage", chat_id=BORIS, text="x")
    assert refused == "403 Forbidden: bot was blocked by the user"


async def test_a_proxy_answers_in_html(client: Client, playground: Playground) -> None:
    playground.faults.add("*", faults.BAD_GATEWAY)
    async with client.session.post(f"{client.root}/getMe") as answer:
        assert answer.status == 502 and answer.content_type == "text/html"
    playground.faults.add("*", faults.SERVER_ERROR)
    assert (await client.refused("getMe")).startswith("500")


@pytest.mark.parametrize(
    ("fault", "effect"), [(faults.RESET_BEFORE, []), (faults.RESET_AFTER, ["x"])]
)
async def test_a_reset_before_or_after_the_effect(
    client: Client, playground: Playground, fault: Fault, effect: list[str]
) -> None:
    playground.faults.add("sendMessage", fault)
    with pytest.raises(aiohttp.ClientError):
        await client("sendMessage", chat_id=ANN, text="x")
    assert said(playground) == effect
    assert playground.calls[-1].answer is None and not playground.calls[-1].ok


async def test_an_answer_that_never_comes_has_its_effect(
    client: Client, playground: Playground
) -> None:
    playground.faults.add("sendMessage", faults.HANG_AFTER)
    async with asyncio.TaskGroup() as group:
        call = group.create_task(client("sendMessage", chat_id=ANN, text="x"))
        await playground.wait_until(lambda: said(playground) == ["x"])
        assert not call.done()
        call.cancel()


async def test_a_call_is_held_until_the_test_lets_it_go(
    client: Client, playground: Playground
) -> None:
    go = asyncio.Event()
    playground.faults.add("sendMessage", faults.held(go))
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(client.ok("sendMessage", chat_id=ANN, text="x"))
        await playground.wait_until(lambda: playground.calls)
        assert said(playground) == []
        go.set()
    assert said(playground) == ["x"]


async def test_flood_control_by_the_clock() -> None:
    clock = HandClock()
    async with (
        Playground.start(clock=clock, flood_control=True) as playground,
        aiohttp.ClientSession() as session,
    ):
        client = Client(session, playground)
        await playground.send(ANN, ANN, "/start")
        for number in range(5):
            await client.ok("sendMessage", chat_id=ANN, text=str(number))
        refused = await client("sendMessage", chat_id=ANN, text="too much")
        assert refused["parameters"] == {"retry_after": 5}
        clock.turn(5)
        await client.ok("sendMessage", chat_id=ANN, text="again")
