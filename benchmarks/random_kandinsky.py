"""Kandinsky 2.2 checkpoints of random weights, for timing: the real classes at two sizes.

`medium` has a UNet of about 100M parameters. `full` has the published model's own numbers
(model cards of kandinsky-2-2-prior and -decoder): 4.9B in all, UNet 1253M, prior 1026M,
text encoder 695M, vision encoder 1845M, MoVQ 68M. Pictures are noise; what they cost is not.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import transformers

from tests.fakes.tiny_kandinsky import tokenizer as byte_tokenizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """widths: of the UNet's blocks. movq: of the MoVQ's. Layers and widths of the rest by name."""

    widths: tuple[int, ...]
    layers_per_block: int
    cross_attention_dim: int
    movq: tuple[int, ...]
    movq_layers: int
    embedding: int
    prior_heads: int
    prior_layers: int
    text: tuple[int, int, int]  # width, layers, heads
    vision: tuple[int, int, int]


MEDIUM = Shape(
    widths=(128, 256, 384, 512),
    layers_per_block=2,
    cross_attention_dim=256,
    movq=(64, 128, 128, 256),
    movq_layers=1,
    embedding=512,
    prior_heads=8,
    prior_layers=6,
    text=(512, 4, 8),
    vision=(512, 6, 8),
)
FULL = Shape(
    widths=(384, 768, 1152, 1536),
    layers_per_block=3,
    cross_attention_dim=768,
    movq=(128, 256, 256, 512),
    movq_layers=2,
    embedding=1280,
    prior_heads=32,
    prior_layers=20,
    text=(1280, 32, 20),
    vision=(1664, 48, 16),
)


def save(shape: Shape, folder: Path, dtype: Any) -> None:
    """Write the checkpoint, in the combined layout."""
    pipe = build(shape)
    pipe.to(dtype=dtype)
    pipe.save_pretrained(folder)


def build(shape: Shape) -> Any:
    """A KandinskyV22CombinedPipeline in float32 on torch's default device."""
    tokenizer = byte_tokenizer()
    prior = diffusers.PriorTransformer(
        num_attention_heads=shape.prior_heads,
        attention_head_dim=64,
        num_layers=shape.prior_layers,
        embedding_dim=shape.embedding,
    )
    prior.clip_std.data.fill_(1)  # zeros by default: every prompt would end in the same embedding
    return diffusers.KandinskyV22CombinedPipeline(
        unet=_unet(shape),
        scheduler=diffusers.DDPMScheduler(
            beta_schedule="linear",
            beta_start=0.00085,
            beta_end=0.012,
            clip_sample=False,
            prediction_type="epsilon",
            variance_type="learned_range",
        ),
        movq=_movq(shape),
        prior_prior=prior,
        prior_image_encoder=_vision(shape),
        prior_text_encoder=_text(shape, len(tokenizer)),
        prior_tokenizer=tokenizer,
        prior_scheduler=diffusers.UnCLIPScheduler(
            variance_type="fixed_small_log",
            prediction_type="sample",
            num_train_timesteps=1000,
            clip_sample_range=5.0,
        ),
        prior_image_processor=transformers.CLIPImageProcessor(),
    )


def _unet(shape: Shape) -> Any:
    return diffusers.UNet2DConditionModel(
        in_channels=4,
        out_channels=8,
        addition_embed_type="image",
        down_block_types=("ResnetDownsampleBlock2D",) + ("SimpleCrossAttnDownBlock2D",) * 3,
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D",) * 3 + ("ResnetUpsampleBlock2D",),
        block_out_channels=shape.widths,
        layers_per_block=shape.layers_per_block,
        encoder_hid_dim=shape.embedding,
        encoder_hid_dim_type="image_proj",
        cross_attention_dim=shape.cross_attention_dim,
        attention_head_dim=64,
        resnet_time_scale_shift="scale_shift",
    )


def _movq(shape: Shape) -> Any:
    return diffusers.VQModel(
        block_out_channels=shape.movq,
        down_block_types=("DownEncoderBlock2D",) * 3 + ("AttnDownEncoderBlock2D",),
        up_block_types=("AttnUpDecoderBlock2D",) + ("UpDecoderBlock2D",) * 3,
        layers_per_block=shape.movq_layers,
        latent_channels=4,
        num_vq_embeddings=16384,
        vq_embed_dim=4,
        norm_type="spatial",
    )


def _text(shape: Shape, vocabulary: int) -> Any:
    width, layers, heads = shape.text
    return transformers.CLIPTextModelWithProjection(
        transformers.CLIPTextConfig(
            vocab_size=max(vocabulary, 49408),
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            projection_dim=shape.embedding,
            hidden_act="gelu",
        )
    ).eval()


def _vision(shape: Shape) -> Any:
    width, layers, heads = shape.vision
    return transformers.CLIPVisionModelWithProjection(
        transformers.CLIPVisionConfig(
            hidden_size=width,
            intermediate_size=width * 64 // 13,  # 8192 for the full one, as published
            num_hidden_layers=layers,
            num_attention_heads=heads,
            projection_dim=shape.embedding,
            patch_size=14,
            image_size=224,
            hidden_act="gelu",
        )
    ).eval()
