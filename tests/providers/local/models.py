"""Small random models for tests: real classes, nothing downloaded, built in a second or less."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from providers.local.batch import Item
from providers.local.drawing import Drawing, Settings
from providers.local.images import Canvas
from providers.types import GenerationRequest, Mode
from tests.fakes import tiny_kandinsky as tiny
from tests.fakes.extra import Extra

# Networks this small only wait for their threads.
torch = Extra("torch", lambda module: module.set_num_threads(1))
diffusers = Extra("diffusers")
transformers = Extra("transformers")

SIZE = (128, 64)
"""Not square: who swaps width and height is found out."""


@dataclass
class Spy:
    """A watcher that remembers everything, drops what it is told to, and stops when told to."""

    drop: dict[int, set[int]] = field(default_factory=dict)
    previews: bool = False
    stop_at: int | None = None
    steps: list[tuple[int, int]] = field(default_factory=list)
    frames: list[dict[int, Image.Image]] = field(default_factory=list)

    def step(self, done: int, total: int) -> frozenset[int]:
        self.steps.append((done, total))
        if done == self.stop_at:
            raise Halt
        gone = [dropped for step, dropped in self.drop.items() if step <= done]
        return frozenset().union(*gone)

    def wants_preview(self) -> bool:
        return self.previews

    def preview(self, frames: dict[int, Image.Image]) -> None:
        self.frames.append(dict(frames))


class Halt(Exception):
    pass


def kandinsky_parts(
    *, in_channels: int = 4, hint: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Prior and decoder as diffusers would load them, with torch's own random weights."""

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        unet = diffusers.UNet2DConditionModel(
            **{
                **tiny.unet().config,
                "in_channels": in_channels,
                "addition_embed_type": "image_hint" if hint else "image",
            }
        )
        if hint:  # else the depth map would hardly be seen
            unet.add_embedding.input_hint_block[-1].weight.data *= 100
        movq = tiny.movq()
        combined = tiny.pipeline()
    prior = dict(combined.prior_pipe.components)
    decoder = {"unet": unet.eval(), "movq": movq.eval(), "scheduler": ddpm()}
    return prior, decoder


def ddpm() -> Any:
    """Set up like the scheduler of Kandinsky 2.2's decoder, learned variance and all."""

    return diffusers.DDPMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="linear",
        variance_type="learned_range",
        clip_sample_range=2.0,
    )


def sdxl() -> Any:
    """A whole SDXL, tiny."""

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        unet = diffusers.UNet2DConditionModel(
            block_out_channels=(32, 64),
            layers_per_block=1,
            norm_num_groups=8,
            in_channels=4,
            out_channels=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=(2, 4),
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            transformer_layers_per_block=(1, 2),
            projection_class_embeddings_input_dim=6 * 8 + tiny.EMBEDDING,
            cross_attention_dim=2 * tiny.EMBEDDING,
        )
        pipe = diffusers.StableDiffusionXLPipeline(
            unet=unet,
            vae=autoencoder(),
            scheduler=diffusers.EulerDiscreteScheduler(),
            text_encoder=transformers.CLIPTextModel(tiny.text_encoder().config),
            text_encoder_2=tiny.text_encoder(),
            tokenizer=tiny.tokenizer(),
            tokenizer_2=tiny.tokenizer(),
            add_watermarker=False,
        )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def kandinsky21() -> Any:
    """A whole Kandinsky 2.1, tiny, with the newer one's prior."""
    from diffusers.pipelines.kandinsky.text_encoder import MCLIPConfig, MultilingualCLIP  # noqa: PLC0415 - diffusers may be absent

    width = tiny.EMBEDDING
    text = MCLIPConfig(
        numDims=width,
        transformerDimensions=width,
        hidden_size=width,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=1005,
        transformerDimSize=width,
        imageDimSize=width,
        max_position_embeddings=100,
    )
    kinds = {"addition_embed_type": "text_image", "encoder_hid_dim_type": "text_image_proj"}
    newer = tiny.pipeline()
    prior = {f"prior_{name}": part for name, part in newer.prior_pipe.components.items()}
    return diffusers.KandinskyCombinedPipeline(
        text_encoder=MultilingualCLIP(text).eval(),
        tokenizer=tiny.tokenizer(),
        unet=diffusers.UNet2DConditionModel(**(dict(tiny.unet().config) | kinds)),
        scheduler=newer.scheduler,
        movq=newer.movq,
        **prior,
    )


def autoencoder() -> Any:

    return diffusers.AutoencoderKL(
        block_out_channels=(16, 16, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=4,
    )


def settings(mode: Mode = Mode.TEXT_TO_IMAGE, **changes: Any) -> Settings:
    usual = {
        "canvas": Canvas(SIZE, SIZE),
        "steps": 4,
        "guidance_scale": 3.0,
        "prior_steps": 2,
        "prior_guidance_scale": 2.0,
        "strength": 0.5 if mode is Mode.IMAGE_TO_IMAGE else 1.0,
        "scheduler": None,
    }
    return Settings(mode=mode, **(usual | changes))


def drawings(mode: Mode, count: int = 1, negative_prompt: str = "") -> list[Drawing]:
    """So many pictures to draw, each with its own prompt, seed, picture and mask."""
    return [
        Drawing(
            prompt=f"cat number {i}",
            negative_prompt=negative_prompt,
            seed=10 + i,
            init=picture(i) if mode in {Mode.IMAGE_TO_IMAGE, Mode.INPAINTING} else None,
            mask=mask(i) if mode is Mode.INPAINTING else None,
            hint=picture(i) if mode is Mode.DEPTH_GUIDED else None,
            mix=((picture(i), 0.5),) if mode is Mode.BLENDING else (),
        )
        for i in range(count)
    ]


def picture(number: int = 0, size: tuple[int, int] = SIZE) -> Image.Image:
    """Some colours, without a symmetry."""
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    waves = [np.sin(columns / (9 + number)), np.cos(rows / 7), np.sin((rows + 2 * columns) / 23)]
    return Image.fromarray(((np.stack(waves, -1) + 1) * 127).astype(np.uint8))


def mask(number: int = 0, size: tuple[int, int] = SIZE) -> Image.Image:
    """White in a rectangle away from the middle."""
    white = Image.new("L", size)
    white.paste(255, (16, 8, 56 + 8 * number, 40))
    return white


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def item(mode: Mode = Mode.TEXT_TO_IMAGE, seed: int = 1, **changes: Any) -> Item:
    """A small and quick request with all its mode needs."""
    usual: dict[str, Any] = {
        "mode": mode,
        "prompt": "a cat",
        "width": 128,
        "height": 64,
        "num_inference_steps": 2,
        "prior_num_inference_steps": 2,
    }
    if mode is not Mode.TEXT_TO_IMAGE:
        usual["init_images"] = [{"data": encoded(picture())}]
    if mode is Mode.INPAINTING:
        usual["mask_image"] = encoded(mask())
    return Item(GenerationRequest.model_validate(usual | changes), seed)


def saved(pipe: Any, folder: Path) -> Path:
    pipe.save_pretrained(folder)
    return folder
