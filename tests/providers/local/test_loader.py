"""Every layout loads, offline, into a pipeline that draws the same picture; broken ones don't."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from providers.errors import Unavailable
from providers.local import loader
from providers.local.checkpoint import offer_for
from providers.local.config import PipelineConfig
from providers.local.loader import load
from providers.local.pipeline import Pipeline
from providers.types import Mode
from tests.fakes.tiny_kandinsky import build_tiny_checkpoint
from tests.providers.local.models import (
    Spy,
    diffusers,
    encoded,
    item,
    kandinsky_parts,
    picture,
    torch,
)

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def combined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layouts") / "combined"
    build_tiny_checkpoint(folder)
    return folder


@pytest.fixture(scope="module")
def split(combined: Path) -> Path:
    """`split-prior` and `split-decoder`, side by side as the hub has them."""
    pipe = diffusers.AutoPipelineForText2Image.from_pretrained(combined)
    pipe.prior_pipe.save_pretrained(combined.with_name("split-prior"))
    pipe.decoder_pipe.save_pretrained(combined.with_name("split-decoder"))
    return combined.with_name("split-decoder")


def loaded(model: Path, **more: Any) -> Pipeline:
    config = PipelineConfig(model=str(model), device="cpu", cache_dir=model.parent, **more)
    pipeline = load(config)
    assert pipeline.modes == offer_for(config).modes
    return pipeline


def drawn(pipeline: Pipeline, mode: Mode = Mode.TEXT_TO_IMAGE, **changes: Any) -> np.ndarray:
    (made,) = pipeline.draw([item(mode, **changes)], Spy())
    assert made
    return np.asarray(made.image)


def test_all_layouts_draw_the_same(combined: Path, split: Path, tmp_path: Path) -> None:
    folder = tmp_path / "both"
    shutil.copytree(split, folder / "decoder")
    shutil.copytree(split.with_name("split-prior"), folder / "prior")
    whole, beside, inside = (drawn(loaded(path)) for path in (combined, split, folder))
    assert (whole == beside).all() and (whole == inside).all()


def test_a_decoder_for_inpainting_beside_is_used_for_that(split: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(split, folder / "decoder")
    shutil.copytree(split.with_name("split-prior"), folder / "prior")
    without = drawn(loaded(folder), Mode.INPAINTING)
    _, parts = kandinsky_parts(in_channels=9)
    diffusers.KandinskyV22InpaintPipeline(**parts).save_pretrained(folder / "inpaint")
    with_it = loaded(folder)
    assert (drawn(with_it, Mode.INPAINTING) != without).any()
    assert with_it.modes >= {Mode.TEXT_TO_IMAGE, Mode.INPAINTING}


def test_a_sibling_with_four_channels_is_not_taken_for_an_inpainter(
    split: Path, tmp_path: Path
) -> None:
    shutil.copytree(split, tmp_path / "decoder")
    shutil.copytree(split, tmp_path / "inpaint")
    shutil.copytree(split.with_name("split-prior"), tmp_path / "prior")
    with pytest.raises(Unavailable, match="4 channels, so not made for inpainting"):
        loaded(tmp_path)


def test_depth_maps_guide_where_there_is_a_controlnet(combined: Path, tmp_path: Path) -> None:
    _, parts = kandinsky_parts(in_channels=8, hint=True)
    diffusers.KandinskyV22ControlnetPipeline(**parts).save_pretrained(tmp_path / "depth")
    pipeline = loaded(combined, controlnet=str(tmp_path / "depth"))
    depth = {"init_images": [], "width": 130, "height": 100}
    maps = [encoded(picture(number).convert("L")) for number in (0, 5)]
    one, other = (drawn(pipeline, Mode.DEPTH_GUIDED, control_image=m, **depth) for m in maps)
    assert one.shape == (100, 130, 3)
    assert (one != other).any()


def test_a_depth_map_can_be_estimated(combined: Path, tmp_path: Path) -> None:
    _, parts = kandinsky_parts(in_channels=8, hint=True)
    diffusers.KandinskyV22ControlnetPipeline(**parts).save_pretrained(tmp_path / "depth")
    config = PipelineConfig(
        model=str(combined), device="cpu", cache_dir=tmp_path, controlnet=str(tmp_path / "depth")
    )

    class Estimator:
        def estimate(self, image: Any) -> Any:
            return image.convert("L")

    pipeline = load(config, depth_estimator=Estimator())
    given = encoded(picture().convert("L"))
    estimated = drawn(pipeline, Mode.DEPTH_GUIDED)
    assert estimated.shape == drawn(pipeline, Mode.DEPTH_GUIDED, control_image=given).shape


def test_what_takes_no_hint_is_no_controlnet(combined: Path, split: Path) -> None:
    with pytest.raises(Unavailable, match="takes no hint"):
        loaded(combined, controlnet=str(split))


def test_weights_that_do_not_belong_are_refused_in_one_line(combined: Path, tmp_path: Path) -> None:
    shutil.copytree(combined, tmp_path / "mine")
    config = tmp_path / "mine" / "unet" / "config.json"
    changed = json.loads(config.read_text()) | {"block_out_channels": [64, 64]}
    config.write_text(json.dumps(changed))
    with pytest.raises(Unavailable) as refused:
        loaded(tmp_path / "mine")
    assert "\n" not in refused.value.detail


@pytest.mark.parametrize(("asked", "dtype"), [("bf16", "bfloat16"), ("fp16", "float16")])
def test_all_modes_draw_in_the_asked_dtype(combined: Path, asked: str, dtype: str) -> None:
    pipeline = loaded(combined, dtype=asked)
    assert pipeline.facts().dtype == dtype
    for mode in pipeline.modes:
        assert drawn(pipeline, mode).shape == (64, 128, 3)
    exact = drawn(loaded(combined)).astype(int)
    assert np.abs(exact - drawn(pipeline)).mean() < 40


def test_the_demo_is_loaded_like_any_folder(
    combined: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loader, "DEMO_FOLDER", combined)
    config = PipelineConfig(model="demo", device="cpu", cache_dir=tmp_path)
    assert load(config).family.model == "demo"


@pytest.mark.parametrize(("given", "taken"), [(1, 1), (2, 2), (3, 2)])
def test_the_demo_takes_two_threads_of_those_it_is_given(
    combined: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: int, taken: int
) -> None:
    monkeypatch.setattr(loader, "DEMO_FOLDER", combined)
    before = torch.get_num_threads()
    torch.set_num_threads(given)
    try:
        load(PipelineConfig(model="demo", device="cpu", cache_dir=tmp_path))
        assert torch.get_num_threads() == taken
    finally:
        torch.set_num_threads(before)
