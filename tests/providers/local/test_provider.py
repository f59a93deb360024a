"""The provider over a tiny real checkpoint: the same code that loads and calls a large one."""

import asyncio
import logging
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from PIL import ImageChops

from providers.errors import DeadlineExceeded, GenerationCanceled, ResultLost, Unavailable
from providers.local.config import PipelineConfig
from providers.local.loader import load
from providers.local.provider import KEPT_RESULTS
from providers.types import GeneratedImage, Ticket
from tests.fakes.tiny_kandinsky import build_tiny_checkpoint
from tests.providers.local.conftest import (
    NEVER,
    Studio,
    Watcher,
    opened,
    request_for,
)

pytestmark = pytest.mark.local


BATCH = [("a cat", 5), ("a red house", 6), ("", 7)]


ROUNDING = 2
"""Of 255: a batch sums in another order, and enlarging makes a little more of a last digit."""


def difference(one: GeneratedImage, other: GeneratedImage) -> int:
    """The largest difference of any pixel, of 255."""
    extrema = ImageChops.difference(opened(one), opened(other)).getextrema()
    return max(high for _, high in extrema)


async def test_one_request_gives_one_picture(studio: Studio) -> None:
    (image,) = await studio.draw()
    assert image.media_type == "image/png"
    assert opened(image).size == (512, 512)
    assert len(opened(image).convert("RGB").getcolors(512 * 512) or ()) > 1000


@pytest.mark.parametrize(
    "size", [(512, 512), (1024, 576), (576, 1024), (1536, 512), (500, 333)], ids=str
)
async def test_a_picture_has_exactly_the_asked_size(studio: Studio, size: tuple[int, int]) -> None:
    (image,) = await studio.draw(width=size[0], height=size[1], num_inference_steps=1)
    assert opened(image).size == (image.width, image.height) == size


async def test_the_same_seed_gives_the_same_picture(studio: Studio) -> None:
    (one,), (again,) = await studio.draw(seed=5), await studio.draw(seed=5)
    assert one == again


@pytest.mark.parametrize("change", [{"seed": 6}, {"prompt": "a dog"}, {"negative_prompt": "red"}])
async def test_what_is_asked_makes_a_difference(studio: Studio, change: dict[str, object]) -> None:
    (one,), (other,) = await studio.draw(seed=5), await studio.draw(**({"seed": 5} | change))
    assert difference(one, other) > 20


async def test_a_seed_nobody_gave_is_drawn_and_told(studio: Studio) -> None:
    (one,), (other,) = await studio.draw(seed=None), await studio.draw(seed=None)
    assert one.seed != other.seed
    (again,) = await studio.draw(seed=one.seed)
    assert again == one


@pytest.mark.parametrize("negative_prompt", ["", "red"])
async def test_several_pictures_are_those_of_the_seeds_that_follow(
    studio: Studio, negative_prompt: str
) -> None:
    images = await studio.draw(seed=40, num_images=4, negative_prompt=negative_prompt)
    assert [image.seed for image in images] == [40, 41, 42, 43]
    (alone,) = await studio.draw(seed=42, negative_prompt=negative_prompt)
    assert difference(images[2], alone) <= ROUNDING
    assert difference(images[2], images[1]) > 20


@pytest.mark.parametrize("seed", [-1, 0, 2**63 - 1, 2**64 + 5])
async def test_any_seed_is_taken_and_comes_back_in_64_bits(studio: Studio, seed: int) -> None:
    first, second = await studio.draw(seed=seed, num_images=2)
    assert first.seed == seed % 2**63
    assert second.seed == (seed + 1) % 2**63


@pytest.mark.parametrize("prompt", ["жёлтая звезда ночью", "", "x" * 4000, "a\x00b 🦊 \u202e<b>"])
async def test_any_prompt_draws_and_none_is_logged(
    studio: Studio, prompt: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert await studio.draw(prompt)
    assert not prompt or prompt[-20:] not in caplog.text


async def test_progress_grows_and_stays_below_one(studio: Studio) -> None:
    watcher = Watcher()
    await studio.draw(on_progress=watcher, num_inference_steps=6, prior_num_inference_steps=3)
    assert watcher.fractions == [step / 10 for step in range(1, 10)]


async def test_a_single_prior_step_is_made_two(studio: Studio) -> None:
    assert await studio.draw(prior_num_inference_steps=1)


async def test_a_cancel_in_mid_run_leaves_the_next_run_untouched(studio: Studio) -> None:
    (before,) = await studio.draw(seed=9)
    ticket = await studio.submit(num_inference_steps=100)
    watcher = Watcher()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(failure_of(studio, ticket, watcher))
        await watcher.begins()
        await studio.provider.cancel(ticket)
    assert isinstance(waiting.result(), GenerationCanceled)
    told = len(watcher.fractions)
    (after,) = await studio.draw(seed=9)
    assert after == before
    assert len(watcher.fractions) == told < 100


async def failure_of(
    studio: Studio, ticket: Ticket, watcher: Watcher, deadline: float = NEVER
) -> Exception:
    with pytest.raises(Exception) as failure:  # noqa: PT011 - returned for the test to look at
        await studio.provider.wait(ticket, deadline=deadline, on_progress=watcher)
    return failure.value


async def test_a_cancel_before_the_start_and_after_the_end(studio: Studio) -> None:
    first, second = await studio.submit(), await studio.submit()
    await studio.provider.cancel(second)
    assert isinstance(await failure_of(studio, second, Watcher()), GenerationCanceled)
    result = await studio.provider.wait(first, deadline=NEVER, on_progress=Watcher())
    await studio.provider.cancel(first)
    await studio.provider.cancel(Ticket("nobody knows it"))
    again = await studio.provider.wait(first, deadline=NEVER, on_progress=Watcher())
    assert again == result


async def test_a_run_ends_at_its_deadline(studio: Studio) -> None:
    ticket = await studio.submit(num_inference_steps=100)
    watcher = Watcher()
    deadline = studio.clock.monotonic() + 30
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(failure_of(studio, ticket, watcher, deadline))
        await watcher.begins()
        studio.clock.advance(30)
    assert isinstance(waiting.result(), DeadlineExceeded)
    assert isinstance(await failure_of(studio, ticket, watcher), DeadlineExceeded)


async def test_past_the_deadline_nothing_is_begun(studio: Studio) -> None:
    past = studio.clock.monotonic()
    with pytest.raises(DeadlineExceeded):
        await studio.provider.submit(request_for(), studio.offer, deadline=past)
    ticket = await studio.submit()
    assert isinstance(await failure_of(studio, ticket, Watcher(), past), DeadlineExceeded)


async def test_leaving_a_wait_loses_nothing(studio: Studio) -> None:
    ticket = await studio.submit(num_inference_steps=10)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(None) as patience:
            await studio.provider.wait(
                ticket, deadline=NEVER, on_progress=lambda _: patience.reschedule(0)
            )
    result = await studio.provider.wait(ticket, deadline=NEVER, on_progress=Watcher())
    assert len(result.images) == 1


async def test_an_unknown_submission_is_lost(studio: Studio) -> None:
    failure = await failure_of(studio, Ticket("from before the restart"), Watcher())
    assert isinstance(failure, ResultLost)


async def test_old_results_are_forgotten(studio: Studio) -> None:
    oldest = await studio.submit()
    await studio.provider.cancel(oldest)
    for _ in range(KEPT_RESULTS + 1):
        await studio.provider.cancel(await studio.submit())
    assert isinstance(await failure_of(studio, oldest, Watcher()), ResultLost)


async def test_the_event_loop_stays_free(studio: Studio) -> None:
    loop = asyncio.get_running_loop()
    lags: list[float] = []

    async def heartbeat() -> None:
        while True:
            due = loop.time() + 0.005
            await asyncio.sleep(0.005)
            lags.append(loop.time() - due)

    with blockbuster_ctx("providers"):
        async with asyncio.TaskGroup() as group:
            beating = group.create_task(heartbeat())
            await studio.draw(num_inference_steps=20)
            beating.cancel()
    assert len(lags) > 10
    assert sorted(lags)[len(lags) // 2] < 0.05


@pytest.mark.parametrize("weights", [b"", b"torn"])
def test_broken_weights_are_refused_in_one_line(weights: bytes, tmp_path: Path) -> None:
    build_tiny_checkpoint(tmp_path / "mine")
    file = tmp_path / "mine" / "unet" / "diffusion_pytorch_model.safetensors"
    file.write_bytes(weights)
    with pytest.raises(Unavailable) as refused:
        load(PipelineConfig(model=str(tmp_path / "mine"), cache_dir=tmp_path))
    assert "\n" not in refused.value.detail


def test_what_is_loaded_is_known(studio: Studio) -> None:
    facts = studio.provider.facts
    assert facts is not None
    assert (facts.model, facts.device, facts.dtype) == ("demo", "cpu", "float32")
    assert facts.at_once == 1  # nobody measured
    assert 100e6 < facts.peak_memory < 10e9
    assert not facts.checks_pictures


async def test_waiting_pictures_are_drawn_together_and_are_the_same(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was measured here: more than one at once for this test."""
    alone = [await studio.draw(prompt, seed=seed) for prompt, seed in BATCH]
    monkeypatch.setattr(studio.provider._supervisor._dispatcher, "at_once", len(BATCH))
    hold = await studio.submit(num_inference_steps=100)
    tickets = [await studio.submit(prompt, seed=seed) for prompt, seed in BATCH]
    await studio.provider.cancel(hold)
    for ticket, (before,) in zip(tickets, alone, strict=True):
        result = await studio.provider.wait(ticket, deadline=NEVER, on_progress=Watcher())
        assert difference(result.images[0], before) <= ROUNDING
