"""Stage 8: the parts as one checkpoint, in the layout that the real Kandinsky 2.2 is loaded from."""

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from providers.local.demo import prior, unet, vision

if TYPE_CHECKING:
    import diffusers

WEIGHTS = Path(__file__).with_name("weights")
"""The checkpoint that comes with the project."""
CHECKSUMS = Path(__file__).with_name("WEIGHTS.sha256")


def assemble(parts: Path, folder: Path) -> None:
    """Write the trained parts to `folder`, in half precision and readable by everybody."""
    shutil.rmtree(folder, ignore_errors=True)
    _pipeline(parts).save_pretrained(folder)
    for config in folder.rglob("config.json"):
        _forget_origin(config)
    for path in sorted(folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    folder.chmod(0o755)


def _forget_origin(config: Path) -> None:
    """Diffusers notes where each part was loaded from, which is a path of the training machine."""
    lines = config.read_text().splitlines(keepends=True)
    config.write_text("".join(line for line in lines if '"_name_or_path"' not in line))


def _pipeline(parts: Path) -> "diffusers.KandinskyV22CombinedPipeline":
    import diffusers
    import torch
    import transformers

    pipe = diffusers.KandinskyV22CombinedPipeline(
        unet=diffusers.UNet2DConditionModel.from_pretrained(parts / "unet"),
        scheduler=unet.scheduler(),
        movq=diffusers.VQModel.from_pretrained(parts / "movq"),
        prior_prior=diffusers.PriorTransformer.from_pretrained(parts / "prior_prior"),
        prior_image_encoder=transformers.CLIPVisionModelWithProjection.from_pretrained(
            parts / "prior_image_encoder"
        ),
        prior_text_encoder=transformers.CLIPTextModelWithProjection.from_pretrained(
            parts / "prior_text_encoder"
        ),
        prior_tokenizer=transformers.CLIPTokenizer.from_pretrained(parts / "prior_tokenizer"),
        prior_scheduler=prior.scheduler(),
        prior_image_processor=vision.processor(),
    )
    return pipe.to(dtype=torch.float16)


def checksums(folder: Path) -> str:
    """As `sha256sum` prints them, paths relative to the folder."""
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )
    return "".join(lines)
