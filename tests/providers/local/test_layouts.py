"""Where a model's parts may lie, and how a broken one is refused; no torch needed but to load."""

import json
import shutil
from pathlib import Path

import pytest

from providers.errors import Unavailable
from providers.local.checkpoint import Checkpoint, offer_for
from providers.local.config import PipelineConfig
from providers.local.layouts import layout_of
from providers.types import Mode

DECODER = "KandinskyV22Pipeline"
PRIOR = "KandinskyV22PriorPipeline"


def folder_of(path: Path, class_name: str, *parts: str) -> Path:
    path.mkdir(parents=True)
    index = {"_class_name": class_name} | {part: ["diffusers", "Part"] for part in parts}
    (path / "model_index.json").write_text(json.dumps(index))
    for part in parts:
        (path / part).mkdir()
    return path


def weights(path: Path, data: bytes) -> None:
    (path / "model.safetensors").write_bytes(data)


def safetensors(length: int = 8) -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    return len(header).to_bytes(8, "little") + header + b"\0" * length


def test_one_folder_with_everything(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", "KandinskyV22CombinedPipeline")
    layout = layout_of(folder)
    assert (layout.whole, layout.prior, layout.inpainter) == (folder, None, None)


def test_a_folder_with_prior_and_decoder_in_it(tmp_path: Path) -> None:
    prior = folder_of(tmp_path / "prior", PRIOR)
    decoder = folder_of(tmp_path / "decoder", DECODER)
    inpainter = folder_of(tmp_path / "inpaint", "KandinskyV22InpaintPipeline")
    layout = layout_of(tmp_path)
    assert (layout.whole, layout.prior, layout.inpainter) == (decoder, prior, inpainter)
    assert Checkpoint(str(tmp_path)).family().model == "kandinsky-2.2"


@pytest.mark.parametrize(
    "named",
    ["prior:\n- someone/kandinsky-mine", "prior: someone/kandinsky-mine", "prior:\n  - '{path}'"],
)
def test_a_decoder_whose_readme_names_its_prior(tmp_path: Path, named: str) -> None:
    prior = folder_of(tmp_path / "kandinsky-mine", PRIOR)
    decoder = folder_of(tmp_path / "decoder-x", DECODER)
    folder_of(tmp_path / "other-prior", PRIOR)
    readme = f"---\nlicense: apache-2.0\n{named.format(path=prior)}\ntags: [x]\n---\n# Hello\n"
    (decoder / "README.md").write_text(readme)
    assert layout_of(decoder).prior == prior


def test_a_decoder_beside_its_prior_and_without_a_readme(tmp_path: Path) -> None:
    prior = folder_of(tmp_path / "kandinsky-2-2-prior", PRIOR)
    decoder = folder_of(tmp_path / "kandinsky-2-2-decoder", DECODER)
    folder_of(tmp_path / "other-prior", PRIOR)
    inpainter = folder_of(tmp_path / "kandinsky-2-2-decoder-inpaint", "KandinskyV22InpaintPipeline")
    assert layout_of(decoder).prior == layout_of(inpainter).prior == prior
    assert layout_of(decoder).inpainter == inpainter


def test_a_decoder_alone_is_refused(tmp_path: Path) -> None:
    decoder = folder_of(tmp_path / "mine", DECODER)
    with pytest.raises(Unavailable, match="its prior is in no folder beside it"):
        layout_of(decoder)
    folder_of(tmp_path / "a-prior", PRIOR)
    folder_of(tmp_path / "b-prior", PRIOR)
    with pytest.raises(Unavailable):  # which of them?
        layout_of(decoder)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "0 bytes, no weights in them"),
        (b"\xff" * 64, "64 bytes, no weights in them"),
        ((20).to_bytes(8, "little") + b"x" * 40, "its header can't be read"),
        ((2).to_bytes(8, "little") + b"[]", "its header can't be read"),
        (safetensors(3), "bytes of"),
        (safetensors(9), "bytes of"),
    ],
)
@pytest.mark.parametrize("broken", ["decoder/unet", "prior/text_encoder"])
def test_torn_weights_are_found_before_torch_is(
    tmp_path: Path, data: bytes, words: str, broken: str
) -> None:
    pytest.importorskip("torch")
    folder_of(tmp_path / "decoder", DECODER, "unet")
    folder_of(tmp_path / "prior", PRIOR, "text_encoder")
    weights(tmp_path / "decoder" / "unet", safetensors())
    Checkpoint(str(tmp_path)).check()
    weights(tmp_path / broken, data)
    with pytest.raises(Unavailable, match=words) as refused:
        Checkpoint(str(tmp_path)).check()
    assert "\n" not in refused.value.detail


@pytest.mark.parametrize(
    ("class_name", "modes"),
    [
        (DECODER, {Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE, Mode.INPAINTING, Mode.BLENDING}),
        ("Kandinsky3Pipeline", {Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE}),
        ("StableDiffusionXLPipeline", {Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE, Mode.INPAINTING}),
        ("FluxPipeline", {Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE, Mode.INPAINTING}),
        ("NobodyKnowsPipeline", {Mode.TEXT_TO_IMAGE}),
    ],
)
def test_the_modes_are_offered_by_what_the_folder_is(
    tmp_path: Path, class_name: str, modes: set[Mode]
) -> None:
    folder = folder_of(tmp_path / "mine", class_name)
    folder_of(tmp_path / "x-prior", PRIOR)
    config = PipelineConfig(model=str(folder), cache_dir=tmp_path)
    offer = offer_for(config)
    assert offer.modes == modes
    assert (offer.strength is not None) == (Mode.IMAGE_TO_IMAGE in modes)


def test_a_decoder_made_for_inpainting_offers_that_alone(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", "KandinskyV22InpaintPipeline", "unet")
    folder_of(tmp_path / "x-prior", PRIOR)
    (folder / "unet" / "config.json").write_text('{"in_channels": 9}')
    offer = offer_for(PipelineConfig(model=str(folder), cache_dir=tmp_path))
    assert offer.modes == {Mode.INPAINTING}


@pytest.mark.parametrize(
    ("model", "modes"),
    [("someone/kandinsky-2-2-decoder-inpaint", 1), ("someone/kandinsky-2-2-decoder", 4)],
)
def test_on_the_hub_the_name_must_tell(model: str, modes: int, tmp_path: Path) -> None:
    assert len(offer_for(PipelineConfig(model=model, cache_dir=tmp_path)).modes) == modes


def test_a_prior_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="a prior alone"):
        layout_of(folder_of(tmp_path / "kandinsky-2-2-prior", PRIOR))


@pytest.mark.parametrize(
    ("model", "offered"), [("kandinsky-2-2-decoder", True), ("stable-diffusion-xl-base", False)]
)
def test_depth_is_offered_with_a_controlnet_for_it(
    tmp_path: Path, model: str, offered: bool
) -> None:
    config = PipelineConfig(model=f"someone/{model}", controlnet="x/y", cache_dir=tmp_path)
    assert (Mode.DEPTH_GUIDED in offer_for(config).modes) == offered


def test_moved_away_it_is_no_longer_there(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "mine", "KandinskyV22CombinedPipeline")
    shutil.rmtree(folder)
    with pytest.raises(Unavailable, match="no such folder"):
        Checkpoint(str(folder)).check()
