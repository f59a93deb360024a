"""Owners are told what only they can mend: in their private chat, once, and not per job."""

from pathlib import Path

import pytest

from bot.playground.entities import parse_html
from bot.texts import everyday as texts
from providers.errors import OutOfCredit, ProviderError, Unauthorized
from providers.health import Trouble
from providers.testing import FakeProvider, refuse
from tests.bot.harness import ANN, BORIS, CHEN, flow


@pytest.mark.parametrize(
    ("error", "part"),
    [(OutOfCredit("fake"), "is empty"), (Unauthorized("fake"), "refuses this bot's key")],
)
async def test_owners_are_told_once(tmp_path: Path, error: ProviderError, part: str) -> None:
    provider = FakeProvider(lambda _request: refuse(error))
    async with flow(tmp_path, provider, admin_ids=frozenset({CHEN})) as chat:
        await chat.say("/start", user=CHEN)
        await chat.say("/imagine a fox", user=ANN)
        await chat.say("/imagine a wolf", user=BORIS)
        await chat.see_text("It cost you nothing", chat=ANN)
        await chat.see_text("It cost you nothing", chat=BORIS)
        alert = await chat.see_text(part, chat=CHEN)
        assert alert.words.startswith("The account at fake") or alert.words.startswith("fake")
        for user in (ANN, BORIS, CHEN):
            told = [message for message in chat.bot_messages(user) if part in message.words]
            assert len(told) == (user == CHEN)


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_has_words(trouble: Trouble) -> None:
    text, _ = parse_html(texts.trouble(trouble, "replicate"))
    assert "replicate" in text
