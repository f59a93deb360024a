"""The measure: what the judge finds in pictures made from captions, against what they asked for."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from providers.local.demo.captions import full_caption
from providers.local.demo.dataset import draw_some
from providers.local.demo.judge import judged, scores
from providers.local.demo.scene import SLOTS, Scene, random_scene

if TYPE_CHECKING:
    from torch import nn

STEPS, PRIOR_STEPS = 14, 5
GUIDANCE, PRIOR_GUIDANCE = 3.0, 1.0
"""What the model is measured with, and what to offer it with. The prior learned exact embeddings,
so it needs no guidance; the decoder's makes pictures clearer."""
BATCH = 25


@dataclass(frozen=True, slots=True)
class Exam:
    """Captions that training never saw, and the scenes that they describe."""

    captions: list[str]
    scenes: list[Scene]


def exam(seed: str, count: int, *, held_out: bool = False) -> Exam:
    """Complete captions, two in three of them English."""
    rng = random.Random(seed)
    scenes = [random_scene(rng, held_out=held_out) for _ in range(count)]
    captions = [full_caption(scene, rng, rng.choice(("en", "en", "ru"))).text for scene in scenes]
    return Exam(captions, scenes)


def load_pipeline(folder: Path) -> Any:
    """The checkpoint as the bot loads it on a CPU, without its progress bars."""
    import diffusers
    import torch

    pipe = diffusers.AutoPipelineForText2Image.from_pretrained(folder, dtype=torch.float32)
    for part in (pipe, pipe.prior_pipe, pipe.decoder_pipe):
        part.set_progress_bar_config(disable=True)
    return pipe


def generate(
    pipe: Any,
    prompts: Sequence[str],
    *,
    width: int = 128,
    height: int = 128,
    steps: int = STEPS,
    guidance: float = GUIDANCE,
    seed: int = 0,
) -> NDArray[np.uint8]:
    """(len(prompts), height, width, 3); each picture has a seed of its own."""
    import torch

    batches = []
    for start in range(0, len(prompts), BATCH):
        some = list(prompts[start : start + BATCH])
        seeds = [torch.Generator().manual_seed(seed + start + n) for n in range(len(some))]
        made = pipe(
            some,
            width=width,
            height=height,
            num_inference_steps=steps,
            guidance_scale=guidance,
            prior_num_inference_steps=PRIOR_STEPS,
            prior_guidance_scale=PRIOR_GUIDANCE,
            generator=seeds,
            output_type="np",
            callback_steps=None,
        )
        batches.append((made.images * 255).round().astype(np.uint8))
    return np.concatenate(batches)


def marks(judge: "nn.Module", pictures: NDArray[np.uint8], scenes: list[Scene]) -> dict[str, float]:
    """By attribute, the share of pictures in which the judge finds what the scene says."""
    return scores(judged(judge, pictures), [scene.canonical().values() for scene in scenes])


def measure(pipe: Any, judge: "nn.Module", count: int) -> str:
    """The marks of drawings and of generated pictures, and of both for held-out pairs."""
    columns = {}
    for name, held_out in (("", False), (", held-out pairs", True)):
        asked = exam(f"exam{name}", count, held_out=held_out)
        drawn, scenes = draw_some(f"exam drawings{name}", count, held_out=held_out)
        columns[f"drawings{name}"] = marks(judge, drawn, scenes)
        columns[f"generated{name}"] = marks(judge, generate(pipe, asked.captions), asked.scenes)
    return table(columns)


def table(columns: dict[str, dict[str, float]]) -> str:
    """Marks as a Markdown table, one row for each attribute."""
    slots = [slot for slot in SLOTS if all(slot in marks for marks in columns.values())]
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    lines += [
        f"| {slot} | {' | '.join(f'{marks[slot]:.3f}' for marks in columns.values())} |"
        for slot in slots
    ]
    return "\n".join(lines)


def grid(pictures: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """Pictures side by side, with a white gap of four pixels."""
    count, height, width, _ = pictures.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + 4), columns * (width + 4), 3), 255, np.uint8)
    for n, picture in enumerate(pictures):
        top, left = n // columns * (height + 4), n % columns * (width + 4)
        sheet[top : top + height, left : left + width] = picture
    return sheet
