"""From our own checker's verdict to what the user sees, pays and leaves on disk."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.settings import WrongSetting
from providers.errors import Misconfigured
from providers.local.labels import ALLOWED_VERDICT, blocked_for
from providers.local.safety import PictureChecker, load_checker
from providers.testing import FakeProvider
from providers.types import GenerationResult, ProgressCallback, Ticket, Verdict
from storage.records import JobState
from tests.bot.harness import Flow, flow
from tests.fakes.small_models import save_classifier


class CheckedProvider(FakeProvider):
    """Whatever it draws passes a checker, as the local pipeline's pictures do."""

    def __init__(self, checker: PictureChecker) -> None:
        super().__init__(repeatable=True)
        self._checker = checker

    async def wait(
        self, ticket: Ticket, *, deadline: float, on_progress: ProgressCallback
    ) -> GenerationResult:
        result = await super().wait(ticket, deadline=deadline, on_progress=on_progress)
        return await asyncio.to_thread(self._checked, result)

    def _checked(self, result: GenerationResult) -> GenerationResult:
        pictures = [Image.open(BytesIO(image.data)) for image in result.images]
        verdicts = self._checker.check(pictures)
        checked = [
            replace(image, verdict=verdict)
            for image, verdict in zip(result.images, verdicts, strict=True)
        ]
        return replace(result, images=tuple(checked))


def kept_pictures(data_dir: Path) -> list[Path]:
    return [file for file in (data_dir / "pictures").rglob("*") if file.is_file()]


async def units_left(chat: Flow) -> str:
    await chat.say("/quota")
    return (await chat.see_text("left")).words


def real_checker(folder: Path, says: str) -> PictureChecker:
    pytest.importorskip("torch")
    return load_checker(save_classifier(folder, ["drawings", "neutral", "porn"], says=says))


@pytest.mark.local
async def test_a_blocked_picture_is_told_kept_nowhere_and_free(tmp_path: Path) -> None:
    provider = CheckedProvider(await asyncio.to_thread(real_checker, tmp_path / "model", "porn"))
    data = tmp_path / "data"
    async with flow(data, provider) as chat:
        await chat.say("/imagine a fox --n 2")
        message = await chat.see_text("censored the picture")
        assert message.photo is None and message.document is None
        assert "cost you nothing" in message.words
        assert "20 units" in await units_left(chat)
        job = await chat.delivered()
    assert (job.state, job.reason) == (JobState.CENSORED, "censored_image")
    assert (job.reason_data["source"], job.reason_data["categories"]) == ("local", ["porn"])
    assert len(provider.requests) == 1  # another try would only be censored again, or slip through
    assert not kept_pictures(data)


@pytest.mark.local
async def test_an_allowed_picture_is_a_checked_one(tmp_path: Path) -> None:
    """It passes where whatever is unchecked would not."""
    checker = await asyncio.to_thread(real_checker, tmp_path / "model", "neutral")
    async with flow(
        tmp_path / "data", CheckedProvider(checker), unchecked_pictures="block"
    ) as chat:
        await chat.say("/imagine a fox")
        picture = await chat.see_picture()
        assert not picture.has_spoiler
        job = await chat.delivered()
    assert job.reason_data["unchecked"] is False


async def test_of_two_pictures_one_is_blocked(tmp_path: Path) -> None:
    def judge(images: Sequence[Image.Image]) -> list[Verdict]:
        return [blocked_for("gore"), *[ALLOWED_VERDICT] * (len(images) - 1)]

    async with flow(tmp_path, CheckedProvider(PictureChecker(judge))) as chat:
        await chat.say("/imagine a fox --n 2")
        picture = await chat.see_picture()
        words = "1 of 2 was censored by this bot's own picture check; you paid for 1"
        assert words in picture.words
        assert "19 units" in await units_left(chat)
    assert len(kept_pictures(tmp_path)) == 1


@pytest.mark.parametrize("choice", ["spoiler", "block"])
async def test_a_checker_that_fails_allows_nothing(tmp_path: Path, choice: str) -> None:
    def judge(_images: Sequence[Image.Image]) -> list[Verdict]:
        raise RuntimeError("no memory")

    provider = CheckedProvider(PictureChecker(judge))
    async with flow(tmp_path, provider, unchecked_pictures=choice) as chat:
        await chat.say("/imagine a fox")
        if choice == "block":
            assert (await chat.see_text("could not be checked")).photo is None
        else:
            assert (await chat.see_picture()).has_spoiler


class Unready(FakeProvider):
    async def start(self) -> None:
        raise Misconfigured("local", "./checker: weights are missing", option="safety_model")


async def test_a_checker_that_can_not_be_loaded_ends_the_start(tmp_path: Path) -> None:
    """Found out while the bot runs already: loading takes longer than a start may."""
    wrong = pytest.RaisesExc(
        WrongSetting, match="^LOCAL_SAFETY_MODEL: ./checker: weights are missing$"
    )
    with pytest.RaisesGroup(wrong, flatten_subgroups=True):
        async with flow(tmp_path, Unready(name="local")) as chat:
            await chat.playground.wait_until(lambda: bool(chat.calls("getUpdates")))
