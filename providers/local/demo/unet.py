"""Stage 6: the UNet, which makes a picture's latents out of noise and an embedding.

It learns incomplete embeddings too, so that what a prompt leaves open is chosen, not averaged.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from providers.local.demo.code import WIDTH, encode_all
from providers.local.demo.dataset import SHAPES, load
from providers.local.demo.patches import CHANNELS
from providers.local.demo.training import Pace, computing_fast, fit

if TYPE_CHECKING:
    import diffusers
    import torch

NOTHING, PARTIAL = 0.1, 0.35
"""How often an embedding is zero (for guidance), and how often it lacks some attributes."""
TOLERANCE = 0.08
"""The spread of the noise on embeddings: what the prior makes is not exact."""
EMPHASIS = 4.0
"""How much more an error counts on an object than beside it: shapes are small, and hardest."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Pictures of one size: latents, float16, (count, CHANNELS, height / 8, width / 8), where in
    them an object is, (count, height / 8, width / 8), and the attributes of each.
    """

    latents: NDArray[np.float16]
    focus: NDArray[np.bool_]
    values: list[dict[str, str]]


def build() -> "diffusers.UNet2DConditionModel":
    import diffusers

    return diffusers.UNet2DConditionModel(
        in_channels=CHANNELS,
        out_channels=2 * CHANNELS,  # the pipelines cut off the second half, a variance: not learned
        addition_embed_type="image",
        down_block_types=(
            "ResnetDownsampleBlock2D",
            "SimpleCrossAttnDownBlock2D",
            "SimpleCrossAttnDownBlock2D",
        ),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=(
            "SimpleCrossAttnUpBlock2D",
            "SimpleCrossAttnUpBlock2D",
            "ResnetUpsampleBlock2D",
        ),
        block_out_channels=(64, 96, 96),
        layers_per_block=1,
        encoder_hid_dim=WIDTH,
        encoder_hid_dim_type="image_proj",
        cross_attention_dim=64,
        attention_head_dim=32,
        resnet_time_scale_shift="scale_shift",
    )


def scheduler() -> "diffusers.DDIMScheduler":
    import diffusers

    return diffusers.DDIMScheduler(
        beta_schedule="linear",
        beta_start=0.00085,
        beta_end=0.012,
        clip_sample=False,
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        set_alpha_to_one=True,
    )


def load_encoded(drawings: Path, folder: Path) -> list[Encoded]:
    """In the order of SHAPES."""
    known = []
    for width, height in SHAPES:
        latents = np.load(folder / f"latents-{width}x{height}.npy", mmap_mode="r")
        drawn = load(drawings, width, height)
        known.append(Encoded(latents, drawn.focus, [scene.values() for scene in drawn.scenes]))
    return known


def train(
    known: list[Encoded],
    pace: Pace,
    checkpoint: Callable[["diffusers.UNet2DConditionModel"], None] | None = None,
    begun: Path | None = None,
) -> "diffusers.UNet2DConditionModel":
    """pace.batch: of square pictures, in each process; larger ones come in smaller batches.

    begun: a folder with weights to go on from.
    """
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel

    torch.manual_seed(5)
    unet, noise_scheduler = build(), scheduler()
    if begun and begun.exists():
        unet = unet.from_pretrained(begun)
    number = torch.distributed.get_rank() if torch.distributed.is_initialized() else 0
    torch.manual_seed(50 + number)
    sizes, rng = np.random.default_rng(5), np.random.default_rng(50 + number)
    kept = noise_scheduler.alphas_cumprod
    shares = list(SHAPES.values())
    square = known[0].latents[0].size

    def loss(_: int) -> "torch.Tensor":
        size = known[sizes.choice(len(known), p=shares)]
        count = pace.batch * square // size.latents[0].size
        chosen = rng.integers(len(size.latents), size=count)
        clean = torch.from_numpy(size.latents[chosen].astype(np.float32))
        embeds = torch.from_numpy(encode_all([incomplete(size.values[n], rng) for n in chosen]))
        embeds = embeds * (0.85 + 0.3 * torch.rand(count, 1))
        embeds += TOLERANCE * torch.randn_like(embeds) * torch.rand(count, 1)
        steps = _noise_steps(count, len(kept))
        signal = kept[steps][:, None, None, None].sqrt()
        fog = (1 - kept[steps])[:, None, None, None].sqrt()
        noise = torch.randn_like(clean)
        with computing_fast():
            guess = unet(
                signal * clean + fog * noise,
                steps,
                encoder_hidden_states=None,
                added_cond_kwargs={"image_embeds": embeds},
            ).sample[:, :CHANNELS]
        error = (guess.float() - (signal * noise - fog * clean)).square().mean(dim=1)
        weights = 1 + (EMPHASIS - 1) * torch.from_numpy(size.focus[chosen]).float()
        return (weights * error).sum() / weights.sum()

    with sdpa_kernel(SDPBackend.MATH):  # faster than flash attention's gradient on a CPU
        return fit("unet", unet, loss, pace, checkpoint)


def train_together(drawings: Path, folder: Path, pace: Pace, processes: int) -> None:
    """Train in processes of one thread each, and save to `folder / "unet"`.

    A run that broke off begins again with the weights it had (the learning rate starts anew).

    Two threads of one process wait for each other in every layer, two processes once a step.
    """
    import torch.multiprocessing as processing

    if processes == 1:
        train(load_encoded(drawings, folder), pace).save_pretrained(folder / "unet")
        return
    meeting = folder / "unet.meeting"
    meeting.unlink(missing_ok=True)
    group = Group(meeting, processes)
    processing.spawn(_train_one, (group, drawings, folder, pace), nprocs=processes)


@dataclass(frozen=True, slots=True)
class Group:
    """meeting: a file by which the processes find each other."""

    meeting: Path
    size: int


def _train_one(number: int, group: Group, drawings: Path, folder: Path, pace: Pace) -> None:
    import torch

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{group.meeting}", rank=number, world_size=group.size
    )

    begun = folder / "unet-so-far"

    def keep(unet: "diffusers.UNet2DConditionModel") -> None:
        unet.save_pretrained(begun)

    unet = train(load_encoded(drawings, folder), pace, keep, begun)
    if number == 0:
        unet.save_pretrained(folder / "unet")
    torch.distributed.destroy_process_group()


def _noise_steps(count: int, most: int) -> "torch.Tensor":
    """Half of them anywhere, half where there is much noise: where shapes are decided."""
    import torch

    anywhere = torch.randint(0, most, (count,))
    foggy = torch.randint(most * 35 // 100, most * 95 // 100, (count,))
    return torch.where(torch.rand(count) < 0.5, anywhere, foggy)


def incomplete(values: dict[str, str], rng: np.random.Generator) -> dict[str, str]:
    """The attributes, or some of them, or none."""
    luck = rng.random()
    if luck < NOTHING:
        return {}
    if luck > NOTHING + PARTIAL:
        return values
    missing = rng.random()
    return {slot: value for slot, value in values.items() if rng.random() > missing}
