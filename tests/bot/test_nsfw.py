"""What a group may choose for pictures our own check finds sensitive, and what nobody may."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from providers.local.labels import blocked_for
from providers.local.safety import PictureChecker
from providers.types import Verdict
from storage.records import JobState
from tests.bot.harness import ANN, BORIS, GROUP, flow
from tests.bot.test_chat_settings import choose
from tests.bot.test_checked_pictures import CheckedProvider, kept_pictures

SENSITIVE = blocked_for("nudity", sensitive=True)


class Judge:
    def __init__(self) -> None:
        self.verdict: Verdict = SENSITIVE

    def __call__(self, images: Sequence[Image.Image]) -> list[Verdict]:
        return [self.verdict] * len(images)


async def test_the_groups_choice_up_to_the_owners(tmp_path: Path) -> None:
    judge = Judge()
    provider = CheckedProvider(PictureChecker(judge))
    async with flow(tmp_path, provider, nsfw_allowed="allow") as chat:
        await chat.turn_on()
        await chat.say("/imagine a nymph", user=BORIS, chat=GROUP)
        await chat.see_text("censored the picture", chat=GROUP)
        await choose(chat, "nsfw spoiler", "Sensitive pictures: covered")
        await chat.say("/imagine a statue", user=BORIS, chat=GROUP)
        assert (await chat.see_picture(chat=GROUP)).has_spoiler
        assert (await chat.delivered(2)).reason_data["covered"]
        await choose(chat, "nsfw allow", "Sensitive pictures: shown")
        await chat.say("/imagine a painting", user=BORIS, chat=GROUP)
        shown = await chat.see(lambda m: bool(m.photo) and "painting" in m.words, chat=GROUP)
        assert not shown.has_spoiler
        await chat.say("/imagine a nymph", user=BORIS)  # in private nobody chose it
        await chat.see_text("censored the picture", chat=BORIS)
        judge.verdict = blocked_for("gore")
        await chat.say("/imagine a battle", user=ANN, chat=GROUP)
        assert (await chat.delivered(5)).state is JobState.CENSORED
    assert len(kept_pictures(tmp_path)) == 2


async def test_what_the_owner_takes_back_is_hidden_again(tmp_path: Path) -> None:
    """The choice of the group stays, and counts no further than the owner lets it."""
    provider = CheckedProvider(PictureChecker(Judge()))
    async with flow(tmp_path, provider, nsfw_allowed="allow") as chat:
        await chat.turn_on()
        await choose(chat, "nsfw allow", "Sensitive pictures: shown")
    async with flow(tmp_path, CheckedProvider(PictureChecker(Judge()))) as chat:
        await chat.playground.add_bot(GROUP, by=ANN)
        await chat.say("/imagine a nymph", user=BORIS, chat=GROUP)
        await chat.see_text("censored the picture", chat=GROUP)
    assert not kept_pictures(tmp_path)
