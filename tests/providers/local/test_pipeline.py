"""Requests as they come, good and bad, through a loaded pipeline."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image, ImageChops

from providers.errors import InvalidRequest
from providers.local import loader
from providers.local.config import PipelineConfig
from providers.local.pipeline import Pipeline
from providers.types import Mode, Note, NoteKind, Verdict, VerdictStatus
from tests.fakes.tiny_kandinsky import build_tiny_checkpoint
from tests.providers.local.models import Spy, encoded, item, mask, picture

pytestmark = pytest.mark.local

MODES = [mode for mode in Mode if mode is not Mode.DEPTH_GUIDED]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The demo with smaller networks: it draws in a third of the time."""
    folder = tmp_path_factory.mktemp("p")
    build_tiny_checkpoint(folder / "tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "DEMO_FOLDER", folder / "tiny")
        return load_demo(folder)


def load_demo(folder: Path) -> Pipeline:
    return loader.load(PipelineConfig(model="demo", device="cpu", cache_dir=folder))


def draw(pipeline: Pipeline, mode: Mode = Mode.TEXT_TO_IMAGE, **changes: Any) -> Image.Image:
    (drawn,) = pipeline.draw([item(mode, **changes)], Spy())
    assert drawn
    return drawn.image


def notes(pipeline: Pipeline, mode: Mode = Mode.TEXT_TO_IMAGE, **changes: Any) -> list[Note]:
    (drawn,) = pipeline.draw([item(mode, **changes)], Spy())
    assert drawn
    return list(drawn.notes)


def difference(one: Image.Image, other: Image.Image) -> int:
    assert one.size == other.size
    return max(high for _, high in ImageChops.difference(one, other).getextrema())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(512, 512), (1024, 576), (333, 500), (1536, 512), (8, 8)])
def test_every_mode_gives_exactly_the_asked_size(
    pipeline: Pipeline, mode: Mode, size: tuple[int, int]
) -> None:
    assert draw(pipeline, mode, width=size[0], height=size[1]).size == size


def test_the_demos_own_weights_draw_in_every_mode(tmp_path: Path) -> None:
    demo = load_demo(tmp_path)
    assert demo.modes == set(MODES)
    for mode in MODES:
        drawn = draw(demo, mode, width=512, height=512)
        assert drawn.size == (512, 512)
        assert len(drawn.getcolors(512 * 512) or ()) > 1000


def test_steps_are_counted_and_previews_are_small_pictures_of_the_same_shape(
    pipeline: Pipeline,
) -> None:
    spy = Spy(previews=True)
    wishes = {"prompt": "never drawn before", "width": 1024, "height": 512}
    items = [item(seed=seed, num_inference_steps=3, **wishes) for seed in (1, 2)]
    pipeline.draw(items, spy)
    assert spy.steps == [(done, 5) for done in range(1, 6)]
    assert [sorted(frames) for frames in spy.frames] == [[0, 1]] * 3
    assert all(frame.size == (320, 160) for frames in spy.frames for frame in frames.values())
    assert difference(spy.frames[0][0], spy.frames[2][0]) > 0


def test_who_was_dropped_gets_nothing_and_is_shown_nowhere(pipeline: Pipeline) -> None:
    spy = Spy(previews=True, drop={3: {0}})
    gone, left = pipeline.draw([item(seed=s, prompt="one is dropped") for s in (1, 2)], spy)
    assert gone is None and left is not None
    assert all(set(frames) == {1} for frames in spy.frames)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": -1},
        {"seed": 2**64 + 5},
        {"prior_num_inference_steps": 1},
        {"num_inference_steps": 1},
        {"guidance_scale": 0.0},
        {"prior_guidance_scale": 0.5},
        {"prompt": ""},
        {"prompt": "a\x00b 🦊 \u202e<b>"},
        {"negative_prompt": "y" * 2000},
    ],
    ids=str,
)
def test_odd_numbers_and_words_draw(pipeline: Pipeline, change: dict[str, Any]) -> None:
    seed = change.pop("seed", 1)
    assert pipeline.draw([item(seed=seed, **change)], Spy())[0]


@pytest.mark.parametrize("strength", [0.0, 0.01, 0.3, 1.0])
@pytest.mark.parametrize("mode", [Mode.IMAGE_TO_IMAGE, Mode.INPAINTING])
def test_any_strength_draws(pipeline: Pipeline, mode: Mode, strength: float) -> None:
    assert draw(pipeline, mode, strength=strength)


def no_pictures(**more: Any) -> dict[str, Any]:
    return {"init_images": []} | more


@pytest.mark.parametrize(
    ("mode", "changes", "field"),
    [
        (Mode.IMAGE_TO_IMAGE, no_pictures(), "init_images"),
        (Mode.IMAGE_TO_IMAGE, {"init_images": [{"data": b""}]}, "init_images"),
        (Mode.INPAINTING, no_pictures(), "init_images"),
        (Mode.INPAINTING, {"mask_image": None}, "mask_image"),
        (Mode.INPAINTING, {"mask_image": b"x"}, "mask_image"),
        (Mode.INPAINTING, {"mask_image": encoded(Image.new("L", (9, 9)))}, "mask_image"),
        (Mode.BLENDING, no_pictures(), "init_images"),
        (Mode.BLENDING, {"prompt": ""}, "init_images"),
        (Mode.BLENDING, {"init_images": [{"data": b"", "weight": -1}]}, "init_images"),
        (Mode.BLENDING, {"init_images": [{"data": b"", "weight": float("nan")}]}, "init_images"),
        (Mode.DEPTH_GUIDED, {}, "mode"),
        (Mode.TEXT_TO_IMAGE, {"width": 0}, "width"),
        (Mode.TEXT_TO_IMAGE, {"scheduler": "Euler"}, "scheduler"),
    ],
)
def test_what_can_not_be_drawn_is_refused_in_one_line(
    pipeline: Pipeline, mode: Mode, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        draw(pipeline, mode, **changes)
    assert field in refused.value.fields
    assert refused.value.detail and "\n" not in refused.value.detail
    assert draw(pipeline)


def test_outside_the_mask_the_original_stays_to_the_last_bit(pipeline: Pipeline) -> None:
    original, white = picture(0, (512, 256)), mask(0, (512, 256))
    request = {
        "init_images": [{"data": encoded(original)}],
        "mask_image": encoded(white.resize((64, 32))),  # of another size
        "width": 512,
        "height": 256,
    }
    drawn = draw(pipeline, Mode.INPAINTING, **request)
    left = (80, 0, 512, 256)
    assert difference(drawn.crop(left), original.crop(left)) == 0
    inside = (24, 16, 48, 32)
    assert difference(drawn.crop(inside), original.crop(inside)) > 20


def test_a_picture_of_another_shape_is_cut_to_the_middle_and_that_is_said(
    pipeline: Pipeline,
) -> None:
    tall = {"init_images": [{"data": encoded(picture(0, (64, 256)))}], "strength": 0.5}
    same = {"init_images": [{"data": encoded(picture(0, (256, 128)))}], "strength": 0.5}
    assert notes(pipeline, Mode.IMAGE_TO_IMAGE, **tall) == [Note(NoteKind.PICTURE_RESIZED)]
    assert notes(pipeline, Mode.IMAGE_TO_IMAGE, **same) == []


def test_the_end_of_a_long_prompt_is_told(pipeline: Pipeline) -> None:
    long = "a red star " * 30 + "and the very end"
    (cut,) = [n for n in notes(pipeline, prompt=long) if n.kind is NoteKind.PROMPT_CUT]
    assert cut.text.endswith("the very end") and cut.text != long
    assert notes(pipeline, prompt="a red star at night") == []


def test_blending_two_pictures_needs_no_words(pipeline: Pipeline) -> None:
    first, second = encoded(picture(0)), encoded(Image.new("RGB", (9, 9), "red"))

    def blend(weight: float) -> Image.Image:
        given = [{"data": first, "weight": weight}, {"data": second, "weight": 1}]
        return draw(pipeline, Mode.BLENDING, prompt="", init_images=given)

    assert difference(blend(0.01), blend(100)) > 10
    assert difference(blend(1), blend(1)) == 0


class Guard:
    """A checker that blocks dark pictures of which it is told."""

    def __init__(self) -> None:
        self.seen = 0

    def check(self, images: Any) -> list[Verdict]:
        self.seen += len(images)
        return [Verdict(VerdictStatus.BLOCKED, "image", "guard")] * len(images)


def test_a_checker_sees_what_is_finished_and_nothing_else(pipeline: Pipeline) -> None:
    guard = Guard()
    checked = Pipeline(
        pipeline._engine, pipeline.family, device="cpu", dtype="float32", checker=guard
    )
    asked = [item(seed=seed, prompt="one is not seen") for seed in (1, 2)]
    gone, left = checked.draw(asked, Spy(drop={3: {0}}))
    assert gone is None and left is not None
    assert left.verdict.source == "guard"
    assert guard.seen == 1
    unchecked = pipeline.draw([item()], Spy())[0]
    assert unchecked and unchecked.verdict.status is VerdictStatus.UNCHECKED


def test_facts_say_what_it_runs_on(pipeline: Pipeline) -> None:
    facts = pipeline.facts()
    assert (facts.device, facts.dtype, facts.offload) == ("cpu", "float32", "none")
    assert facts.peak_memory > 100_000_000


def test_the_demo_model_names_the_words_it_can_not_know(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    world: Any = ModuleType("world")
    world.unknown_words = lambda prompt: tuple(w for w in prompt.split() if w != "red")
    monkeypatch.setitem(sys.modules, "providers.local.demo", ModuleType("demo"))
    monkeypatch.setitem(sys.modules, "providers.local.demo.world", world)
    assert notes(pipeline, prompt="red dragon mecha") == [
        Note(NoteKind.DEMO_MODEL, "dragon, mecha")
    ]
    assert notes(pipeline, prompt="red") == []
