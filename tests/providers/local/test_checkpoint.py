"""What a checkpoint says about itself, and how a broken one is refused. No torch needed."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from providers.clock import SystemClock
from providers.errors import Unavailable
from providers.local.checkpoint import Checkpoint
from providers.local.config import PipelineConfig
from providers.local.provider import LocalProvider


def folder_of(path: Path, class_name: str, *parts: str) -> Path:
    index = {"_class_name": class_name} | {part: ["diffusers", "Part"] for part in parts}
    path.mkdir(parents=True)
    (path / "model_index.json").write_text(json.dumps(index))
    for part in parts:
        (path / part).mkdir()
    return path


def provider_of(model: str | Path, cache_dir: Path) -> LocalProvider:
    return LocalProvider(PipelineConfig(model=str(model), cache_dir=cache_dir), clock=SystemClock())


@pytest.mark.parametrize(
    ("hub_id", "model"),
    [
        ("kandinsky-community/kandinsky-2-2-decoder", "kandinsky-2.2"),
        ("kandinsky-community/kandinsky-2-1", "kandinsky-2.1"),
        ("kandinsky-community/kandinsky-3", "kandinsky-3"),
        ("stabilityai/stable-diffusion-xl-base-1.0", "sdxl"),
        ("stabilityai/stable-diffusion-3-medium-diffusers", "stable-diffusion-3"),
        ("runwayml/stable-diffusion-v1-5", "stable-diffusion"),
        ("black-forest-labs/FLUX.1-schnell", "flux-schnell"),
        ("black-forest-labs/FLUX.1-dev", "flux-dev"),
        ("someone/Some-Model", "some-model"),
    ],
)
async def test_a_hub_id_tells_the_model(hub_id: str, model: str, tmp_path: Path) -> None:
    (offer,) = await provider_of(hub_id, tmp_path).offers()
    assert (offer.provider, offer.model) == ("local", model)


@pytest.mark.parametrize(
    ("folder", "class_name", "model"),
    [
        ("mine", "KandinskyV22CombinedPipeline", "kandinsky-2.2"),
        ("mine", "Kandinsky3Pipeline", "kandinsky-3"),
        ("mine", "KandinskyCombinedPipeline", "kandinsky-2.1"),
        ("sdxl-turbo", "StableDiffusionXLPipeline", "sdxl"),
        ("kandinsky-2-2", "StableDiffusionXLPipeline", "sdxl"),
        ("mine", "StableDiffusionPipeline", "stable-diffusion"),
        ("FLUX.1-schnell", "FluxPipeline", "flux-schnell"),
        ("FLUX.1-dev", "FluxPipeline", "flux-dev"),
        ("My-Own", "NobodyKnowsPipeline", "my-own"),
    ],
)
async def test_a_folder_tells_the_model(
    folder: str, class_name: str, model: str, tmp_path: Path
) -> None:
    path = folder_of(tmp_path / folder, class_name)
    (offer,) = await provider_of(path, tmp_path).offers()
    assert offer.model == model


async def test_kandinsky_is_offered_as_its_documents_say(tmp_path: Path) -> None:
    path = folder_of(tmp_path / "mine", "KandinskyV22CombinedPipeline")
    (offer,) = await provider_of(path, tmp_path).offers()
    assert offer.sizes.default == (512, 512)
    assert all(side % 64 == 0 for side in offer.sizes.sides)
    assert offer.steps and (offer.steps.low, offer.steps.high, offer.steps.default) == (1, 100, 50)
    assert offer.prior_steps and (offer.prior_steps.low, offer.prior_steps.default) == (2, 25)
    assert offer.guidance and offer.guidance.default == 4
    assert offer.seed and offer.negative_prompt and offer.max_images == 4


async def test_the_demo_model_shows_512_pixels_on_the_short_side(tmp_path: Path) -> None:
    (offer,) = await provider_of("demo", tmp_path).offers()
    assert offer.model == "demo"
    assert min(offer.sizes.sides) == 512
    assert max(offer.sizes.sides) == 3 * 512  # 3:1, the widest that can be asked


def no_folder(path: Path) -> Path:
    return path / "nowhere"


def no_index(path: Path) -> Path:
    return path


def torn_index(path: Path) -> Path:
    (path / "model_index.json").write_text('{"_class_name": "Kan')
    return path


def index_without_class(path: Path) -> Path:
    (path / "model_index.json").write_text("[]")
    return path


def part_missing(path: Path) -> Path:
    folder = folder_of(path / "mine", "KandinskyV22CombinedPipeline", "unet", "movq")
    (folder / "movq").rmdir()
    return folder


@pytest.mark.parametrize(
    ("breakage", "words"),
    [
        (no_folder, "no such folder"),
        (no_index, "no model_index.json in it"),
        (torn_index, "can't be read"),
        (index_without_class, "names no pipeline class"),
        (part_missing, "incomplete, no movq in it"),
    ],
)
async def test_a_broken_folder_is_refused_in_one_line(breakage, words: str, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    provider = provider_of(breakage(tmp_path), tmp_path)
    with pytest.raises(Unavailable) as refused:
        await provider.check()
    assert words in refused.value.detail
    assert "\n" not in refused.value.detail


async def test_a_broken_folder_is_not_offered(tmp_path: Path) -> None:
    assert await provider_of(tmp_path / "nowhere", tmp_path).offers() == ()


async def test_missing_torch_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match=r"torch, .* not installed: pip install '\.\[local\]'"):
        await provider_of("demo", tmp_path).check()


@pytest.mark.parametrize(("device", "dtype"), [("toaster", None), (None, "float7")])
async def test_an_unknown_device_or_dtype_is_refused(
    device: str | None, dtype: str | None, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    config = PipelineConfig(model="demo", device=device, dtype=dtype, cache_dir=tmp_path)
    provider = LocalProvider(config, clock=SystemClock())
    with pytest.raises(Unavailable, match=r"toaster|float7"):
        await provider.check()


def test_offers_and_imports_need_no_torch(tmp_path: Path) -> None:
    script = f"""
import asyncio, sys
from pathlib import Path
from providers.clock import SystemClock
from providers.local.config import PipelineConfig
from providers.local.provider import LocalProvider
provider = LocalProvider(PipelineConfig(model="demo", cache_dir=Path({str(tmp_path)!r})), clock=SystemClock())
assert asyncio.run(provider.offers())
asyncio.run(provider.aclose())
sys.exit(any(name in sys.modules for name in ("torch", "diffusers", "transformers")))
"""
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 0


def test_a_relative_folder_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(tmp_path / "models" / "mine", "StableDiffusionXLPipeline")
    monkeypatch.chdir(tmp_path)
    assert Checkpoint("models/mine").family().model == "sdxl"
