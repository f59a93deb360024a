"""Other checkpoints than Kandinsky 2.2, by a whole SDXL made small."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from providers.errors import InvalidRequest
from providers.local.checkpoint import offer_for
from providers.local.config import PipelineConfig
from providers.local.families import unknown_family
from providers.local.generic import Generic
from providers.local.loader import load
from providers.local.pipeline import Pipeline
from providers.types import Mode, NoteKind, VerdictStatus
from tests.providers.local.models import Halt, Spy, encoded, item, kandinsky21, mask, picture, sdxl

pytestmark = pytest.mark.local

MODES = [Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE, Mode.INPAINTING]
TOLERANCE = 1
"""Of 255, on the average: a rounding apart. Processors sum up a batch in other orders, and an
untrained SDXL makes that up to 0.4 (3 in single pixels); two seeds' pictures are over 12 apart."""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    folder = tmp_path_factory.mktemp("sdxl")
    sdxl().save_pretrained(folder / "mine")
    config = PipelineConfig(model=str(folder / "mine"), device="cpu", cache_dir=folder)
    loaded = load(config)
    assert loaded.modes == offer_for(config).modes == set(MODES)
    return loaded


def draw(pipeline: Pipeline, *seeds: int, spy: Spy | None = None, **changes: Any) -> list[Any]:
    drawn = pipeline.draw([item(seed=seed, **changes) for seed in seeds], spy or Spy())
    return [None if one is None else np.asarray(one.image).astype(int) for one in drawn]


def wishes(mode: Mode, **more: Any) -> dict[str, Any]:
    return {"mode": mode, "strength": None, "num_inference_steps": 4} | more


@pytest.mark.parametrize("mode", MODES)
def test_a_batch_is_what_its_pictures_are_alone(pipeline: Pipeline, mode: Mode) -> None:
    asked = wishes(mode, strength=0.5, negative_prompt="red", width=140, height=60)
    together = draw(pipeline, 1, 2, **asked)
    assert together[0].shape == (60, 140, 3)
    for one, alone in zip(together, [draw(pipeline, s, **asked)[0] for s in (1, 2)], strict=True):
        assert np.abs(one - alone).mean() <= TOLERANCE
    assert np.abs(together[0] - together[1]).mean() > 10 * TOLERANCE


@pytest.mark.parametrize(
    ("mode", "strength", "steps"),
    [
        (Mode.TEXT_TO_IMAGE, None, 4),
        (Mode.IMAGE_TO_IMAGE, 0.5, 2),
        (Mode.IMAGE_TO_IMAGE, 0.01, 1),
        (Mode.INPAINTING, None, 4),
        (Mode.INPAINTING, 0.5, 2),
    ],
)
def test_progress_counts_the_steps_that_run(
    pipeline: Pipeline, mode: Mode, strength: float | None, steps: int
) -> None:
    spy = Spy(previews=True)
    draw(pipeline, 1, 2, spy=spy, **wishes(mode, strength=strength))
    assert spy.steps == [(done, steps) for done in range(1, steps + 1)]
    assert [sorted(frames) for frames in spy.frames] == [[0, 1]] * steps
    assert {frame.size for frames in spy.frames for frame in frames.values()} == {(320, 160)}


def test_a_dropped_picture_leaves_the_others_as_they_are(pipeline: Pipeline) -> None:
    asked = wishes(Mode.TEXT_TO_IMAGE)
    whole = draw(pipeline, 1, 2, 3, **asked)
    spy = Spy(drop={2: {1}}, previews=True)
    left = draw(pipeline, 1, 2, 3, spy=spy, **asked)
    assert left[1] is None
    assert (left[0] == whole[0]).all() and (left[2] == whole[2]).all()
    assert set(spy.frames[-1]) == {0, 2}


def test_a_stopped_call_leaves_the_next_one_as_it_would_be(pipeline: Pipeline) -> None:
    (before,) = draw(pipeline, 1)
    with pytest.raises(Halt):
        draw(pipeline, 1, spy=Spy(stop_at=1))
    (after,) = draw(pipeline, 1)
    assert (before == after).all()


def test_outside_the_mask_the_original_stays(pipeline: Pipeline) -> None:
    original = picture(0, (256, 128))
    (drawn,) = draw(
        pipeline,
        1,
        mode=Mode.INPAINTING,
        init_images=[{"data": encoded(original)}],
        mask_image=encoded(mask(0, (256, 128))),
        width=256,
        height=128,
    )
    change = np.abs(drawn - np.asarray(original)).max(-1)
    assert change[:, 72:].max() == 0
    assert change[12:36, 20:52].max() > 0


@pytest.mark.parametrize("scheduler", ["ddim", "dpm++", None])
def test_schedulers_by_name_last_for_one_call(pipeline: Pipeline, scheduler: str | None) -> None:
    (own,) = draw(pipeline, 1)
    (named,) = draw(pipeline, 1, scheduler=scheduler)
    (again,) = draw(pipeline, 1)
    assert (own == again).all()
    assert (own == named).all() == (scheduler is None)


@pytest.mark.parametrize("mode", [Mode.BLENDING, Mode.DEPTH_GUIDED])
def test_a_mode_it_has_not_is_refused(pipeline: Pipeline, mode: Mode) -> None:
    with pytest.raises(InvalidRequest):
        draw(pipeline, 1, mode=mode)


def test_the_end_of_a_long_prompt_is_told(pipeline: Pipeline) -> None:
    (drawn,) = pipeline.draw([item(prompt="y" * 100)], Spy())
    assert drawn and [note.kind for note in drawn.notes] == [NoteKind.PROMPT_CUT]


def test_foreign_letters_are_told(pipeline: Pipeline) -> None:
    (drawn,) = pipeline.draw([item(prompt="лиса")], Spy())
    assert drawn and [note.kind for note in drawn.notes] == [NoteKind.PROMPT_LANGUAGE]


def test_what_it_turned_out_to_do_is_offered(pipeline: Pipeline) -> None:
    stranger = Pipeline(
        pipeline._engine, unknown_family("someone/stranger"), device="cpu", dtype="float32"
    )
    assert stranger.offer.modes == set(MODES)
    assert stranger.offer.strength is not None


def test_kandinsky_21_draws_from_words_alone_and_one_by_one(tmp_path: Path) -> None:
    kandinsky21().save_pretrained(tmp_path / "mine")
    config = PipelineConfig(model=str(tmp_path / "mine"), device="cpu", cache_dir=tmp_path)
    older = load(config)
    assert older.modes == offer_for(config).modes == {Mode.TEXT_TO_IMAGE}
    spy = Spy(drop={2: {0}})
    asked = wishes(Mode.TEXT_TO_IMAGE, prompt="лиса", negative_prompt="red")
    gone, left = draw(older, 1, 2, spy=spy, **asked)
    assert gone is None and left.shape == (64, 128, 3)
    assert spy.steps == [(done, 8) for done in range(1, 9)]
    assert (draw(older, 2, **asked)[0] == left).all()
    with pytest.raises(Halt):
        draw(older, 1, spy=Spy(stop_at=1), **asked)


class Censor:
    """A pipeline like Stable Diffusion's, whose own checker blackens a picture."""

    scheduler = None

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}
        self.asked: dict[str, Any] = {}

    def __call__(self, prompt: list[str], num_inference_steps: int, generator: list[Any]) -> Any:
        self.asked = locals()
        made = type("Made", (), {})()
        made.images = [Image.new("RGB", (128, 64)) for _ in prompt]
        made.nsfw_content_detected = [False, True]
        return made


def test_what_a_pipelines_own_checker_blackened_is_blocked(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    censor = Censor()
    engine = Generic.__new__(Generic)
    engine._pipes = {Mode.TEXT_TO_IMAGE: censor}
    engine._scheduler = engine._latents_to_rgb = None
    engine._one_by_one = False
    engine.modes = frozenset(engine._pipes)
    asked = Pipeline(engine, pipeline.family, device="cpu", dtype="float32")
    drawn = asked.draw([item(seed=7), item(seed=8)], Spy())
    statuses = [one.verdict.status for one in drawn if one]
    assert statuses == [VerdictStatus.UNCHECKED, VerdictStatus.BLOCKED]
    assert [generator.initial_seed() for generator in censor.asked["generator"]] == [7, 8]
