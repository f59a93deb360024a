"""Stage 2: the MoVQ, which translates between pictures and latents.

The latents are given (see `patches`), so its two halves are trained one by one: the decoder to
draw what the patches left out, the encoder to find the latents of any picture. The pipelines
decode without the codebook (`force_not_quantize`), so there is none worth the name.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from providers.local.demo.dataset import SHAPES, Drawings, load
from providers.local.demo.patches import CHANNELS, SIDE, Basis
from providers.local.demo.training import Pace, computing_fast, fit

if TYPE_CHECKING:
    import diffusers
    import torch

CROP = 64
FORGIVENESS = 0.08
"""The spread of the noise on latents: decoding has to forgive what the denoiser leaves over."""
ATTENTION = 0.7
"""How many of the crops show an object for sure: it is objects that people look at."""
EMPHASIS = 3.0
"""How much more an error counts on an object than beside it."""


def build() -> "diffusers.VQModel":
    import diffusers

    return diffusers.VQModel(
        block_out_channels=(32, 32, 64, 64),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=CHANNELS,
        norm_num_groups=8,
        num_vq_embeddings=4,
        vq_embed_dim=CHANNELS,
        mid_block_add_attention=False,
        norm_type="spatial",
    )


def train_decoder(
    movq: "diffusers.VQModel", basis: Basis, drawings: Path, pace: Pace
) -> "diffusers.VQModel":
    """Train it to draw pictures from their latents."""
    import torch

    torch.manual_seed(7)
    rng = np.random.default_rng(7)
    drawn = [load(drawings, *shape) for shape in SHAPES]
    movq.requires_grad_(False)
    for part in (movq.decoder, movq.post_quant_conv):
        part.requires_grad_(True)

    def loss(_: int) -> "torch.Tensor":
        crops, focus = random_crops(drawn, pace.batch, rng, attention=ATTENTION)
        latents = torch.from_numpy(basis.encode(crops))
        fog = FORGIVENESS * torch.rand(len(crops), 1, 1, 1) * torch.randn_like(latents)
        with computing_fast():
            output = movq.decode(latents + fog, force_not_quantize=True).sample
        return _difference(output.float(), to_tensor(crops), _weights(focus))

    return fit("decoder", movq, loss, pace).requires_grad_(True)


def train_encoder(
    movq: "diffusers.VQModel", basis: Basis, drawings: Path, pace: Pace
) -> "diffusers.VQModel":
    """Train it to find the latents of pictures."""
    import torch

    torch.manual_seed(8)
    rng = np.random.default_rng(8)
    drawn = [load(drawings, *shape) for shape in SHAPES]
    movq.requires_grad_(False)
    for part in (movq.encoder, movq.quant_conv):
        part.requires_grad_(True)

    def loss(_: int) -> "torch.Tensor":
        crops = random_crops(drawn, pace.batch, rng)[0]
        with computing_fast():
            latents = movq.encode(to_tensor(crops)).latents
        return (latents.float() - torch.from_numpy(basis.encode(crops))).square().mean()

    return fit("encoder", movq, loss, pace).requires_grad_(True)


def _difference(
    output: "torch.Tensor", target: "torch.Tensor", weights: "torch.Tensor"
) -> "torch.Tensor":
    """How far off pixels and edges are; edges count, or lines would come out soft.

    weights: (count, 1, height, width), 1 on average.
    """
    error = output - target
    across = (weights[:, :, 1:] * error.diff(dim=2).abs()).mean()
    along = (weights[:, :, :, 1:] * error.diff(dim=3).abs()).mean()
    pixels = weights * (error.abs() + 0.5 * error.square())
    return pixels.mean() + 0.5 * (across + along)


def _weights(focus: NDArray[np.bool_]) -> "torch.Tensor":
    """From patches, (count, rows, columns), to what each of their pixels counts."""
    import torch

    weights = 1 + (EMPHASIS - 1) * torch.from_numpy(focus).float()
    spread = weights.repeat_interleave(SIDE, 1).repeat_interleave(SIDE, 2)
    return (spread / spread.mean())[:, None]


def random_crops(
    drawn: Sequence[Drawings], count: int, rng: np.random.Generator, *, attention: float = 0.0
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Squares of whole patches out of the drawings, (count, CROP, CROP, 3), and where in them
    objects are, (count, CROP / SIDE, CROP / SIDE).

    attention: the share of the squares that lie on an object; the others lie anywhere.
    """
    cells = CROP // SIDE
    crops = np.empty((count, CROP, CROP, 3), np.uint8)
    focus = np.empty((count, cells, cells), np.bool_)
    shares = list(SHAPES.values())
    for n in range(count):
        size = drawn[rng.choice(len(drawn), p=shares)]
        number = rng.integers(len(size.pictures))
        row, column = _corner(size.focus[number], rng, cells, on_object=rng.random() < attention)
        top, left = row * SIDE, column * SIDE
        crops[n] = size.pictures[number, top : top + CROP, left : left + CROP]
        focus[n] = size.focus[number, row : row + cells, column : column + cells]
    return crops, focus


def _corner(
    focus: NDArray[np.bool_], rng: np.random.Generator, cells: int, *, on_object: bool
) -> tuple[int, ...]:
    """The row and column of a crop's first patch."""
    rooms = [side - cells for side in focus.shape]
    touched = np.argwhere(focus)
    if not (on_object and len(touched)):
        return tuple(int(rng.integers(room + 1)) for room in rooms)
    patch = touched[rng.integers(len(touched))] - rng.integers(cells, size=2)
    return tuple(int(np.clip(place, 0, room)) for place, room in zip(patch, rooms, strict=True))


def to_tensor(pictures: NDArray[np.uint8]) -> "torch.Tensor":
    """(count, height, width, 3) of bytes as (count, 3, height, width) of -1..1."""
    import torch

    return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1


def signal_to_noise(
    movq: "diffusers.VQModel", basis: Basis, pictures: NDArray[np.uint8]
) -> tuple[float, float]:
    """PSNR in dB of pictures from their true latents, and from the encoder's."""
    import torch

    target = to_tensor(pictures)
    with torch.no_grad():
        true, found = torch.from_numpy(basis.encode(pictures)), movq.encode(target).latents
        outputs = [movq.decode(z, force_not_quantize=True).sample for z in (true, found)]
    errors = [(out.clamp(-1, 1) - target).square().mean(dim=(1, 2, 3)) / 4 for out in outputs]
    from_true, from_found = (float((-10 * error.log10()).mean()) for error in errors)
    return from_true, from_found
