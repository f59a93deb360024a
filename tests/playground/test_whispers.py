"""Ephemeral messages: who may send them to whom and when, and who sees them."""

import pytest

from bot.playground import ANN, BORIS, CHEN, GROUP, Playground
from tests.playground.client import Client
from tests.playground.conftest import HandClock

pytestmark = pytest.mark.usefixtures("schema")


def to(user_id: int, **more: object) -> dict[str, object]:
    return {"chat_id": GROUP, "text": "psst", "ephemeral_message_parameters": {
        "receiver_user_id": user_id, **more
    }}  # fmt: skip


async def test_an_admin_bot_whispers_to_any_member(playground: Playground, client: Client) -> None:
    await playground.add_bot(GROUP, by=ANN, status="administrator")
    sent = (await client("sendMessage", **to(BORIS)))["result"]
    assert sent["message_id"] == 0 and sent["ephemeral_message_id"] > 0
    assert sent["receiver_user"]["id"] == BORIS
    assert [m.text for m in playground.whispers(GROUP, BORIS)] == ["psst"]
    assert playground.whispers(GROUP, CHEN) == []
    assert all(m.text != "psst" for m in playground.messages(GROUP))


async def test_another_bot_only_answers_and_soon(
    playground: Playground, client: Client, clock: HandClock
) -> None:
    await playground.add_bot(GROUP, by=ANN)
    refused = await client("sendMessage", **to(BORIS))
    assert refused["error_code"] == 400 and "rights" in refused["description"]
    said = await playground.whisper(BORIS, GROUP, "/quota")
    reply = {"reply_parameters": {"ephemeral_message_id": said.ephemeral_id}}
    assert (await client("sendMessage", **to(BORIS), **reply))["ok"]
    assert not (await client("sendMessage", **to(CHEN), **reply))["ok"]
    aloud = await client("sendMessage", chat_id=GROUP, text="aloud", **reply)
    assert "must be ephemeral" in aloud["description"]
    clock.turn(16)
    assert not (await client("sendMessage", **to(BORIS), **reply))["ok"]


async def test_nobody_there_and_no_group(playground: Playground, client: Client) -> None:
    await playground.add_bot(GROUP, by=ANN, status="administrator")
    assert "PARTICIPANT" in (await client("sendMessage", **to(404)))["description"]
    await playground.send(ANN, ANN, "/start")
    private = await client("sendMessage", **{**to(ANN), "chat_id": ANN})
    assert private["error_code"] == 400


async def test_the_bot_hears_an_ephemeral_command(playground: Playground, client: Client) -> None:
    await playground.add_bot(GROUP, by=ANN)
    said = await playground.whisper(BORIS, GROUP, "/quota")
    heard = list(playground.world.updates.pending.values())[-1]["message"]
    assert (heard["message_id"], heard["ephemeral_message_id"]) == (0, said.ephemeral_id)
    assert heard["receiver_user"]["is_bot"]
    assert [m.text for m in playground.whispers(GROUP, BORIS)] == ["/quota"]
