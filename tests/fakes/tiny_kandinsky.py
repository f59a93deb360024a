"""A tiny Kandinsky 2.2, built on the spot: real classes, random weights, nothing downloaded.

It has learned nothing, so its pictures are abstract: shapes and colours that depend on the prompt
and on the seed. Independent random weights would give grey noise, so `_compose` chooses how they
are random: soft filters for smooth shapes, steep normalisation for clear edges, and a palette.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import diffusers
    import torch
    import transformers
    from torch import nn

SEED = 22
EMBEDDING = 32
TOKENS = 77
BOS, EOS = "<|startoftext|>", "<|endoftext|>"
BLUR = (0.25, 0.5, 0.25)
PALETTE = (
    (0.40, 0.40, 0.40),  # light
    (0.45, 0.05, -0.45),  # warm against cold
    (0.14, -0.24, 0.12),  # magenta against green
)
"""The directions in which colours differ, as (red, green, blue), each by its share."""


def build_tiny_checkpoint(folder: Path) -> None:
    """Write the checkpoint, in the combined layout."""
    pipeline().save_pretrained(folder)


def pipeline() -> "diffusers.KandinskyV22CombinedPipeline":
    import diffusers
    import torch
    import transformers

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        networks = unet(), movq()
        _compose(*networks, torch.Generator().manual_seed(SEED))
        return diffusers.KandinskyV22CombinedPipeline(
            unet=networks[0],
            scheduler=_scheduler(),
            movq=networks[1],
            prior_prior=_prior(),
            prior_image_encoder=_image_encoder(),
            prior_text_encoder=text_encoder(),
            prior_tokenizer=tokenizer(),
            prior_scheduler=diffusers.UnCLIPScheduler(
                prediction_type="sample", num_train_timesteps=1000
            ),
            prior_image_processor=transformers.CLIPImageProcessor(crop_size=32, size=32),
        )


def unet() -> "diffusers.UNet2DConditionModel":
    import diffusers

    return diffusers.UNet2DConditionModel(
        in_channels=4,
        out_channels=8,
        addition_embed_type="image",
        down_block_types=("ResnetDownsampleBlock2D", "SimpleCrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=("SimpleCrossAttnUpBlock2D", "ResnetUpsampleBlock2D"),
        block_out_channels=(32, 64),
        layers_per_block=1,
        norm_num_groups=8,
        encoder_hid_dim=EMBEDDING,
        encoder_hid_dim_type="image_proj",
        cross_attention_dim=32,
        attention_head_dim=8,
        resnet_time_scale_shift="scale_shift",
    )


def movq() -> "diffusers.VQModel":
    import diffusers

    return diffusers.VQModel(
        block_out_channels=(16, 16, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=4,
        num_vq_embeddings=12,
        vq_embed_dim=4,
        mid_block_add_attention=False,
    )


def _compose(
    unet: "diffusers.UNet2DConditionModel", movq: "diffusers.VQModel", generator: "torch.Generator"
) -> None:
    """Set the weights that decide what the pictures look like."""
    import torch
    from torch import nn

    _soften(unet, generator)
    _soften(movq, generator)
    for module in movq.decoder.modules():
        if isinstance(module, nn.GroupNorm):
            module.weight.data.fill_(2)
            module.bias.data.normal_(generator=generator)
    last = movq.decoder.conv_out
    mix = _channel_mix(3, last.in_channels, generator)
    mix /= mix.norm(dim=1, keepdim=True)
    last.weight.data = _soft_filters(torch.tensor(PALETTE).T @ mix)
    last.bias.data.zero_()


def _soften(network: "nn.Module", generator: "torch.Generator") -> None:
    """Make every 3x3 filter a blur; what stays random is how it mixes the channels."""
    from torch import nn

    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3):
            mix = _channel_mix(module.out_channels, module.in_channels, generator)
            module.weight.data = _soft_filters(mix)


def _channel_mix(outputs: int, inputs: int, generator: "torch.Generator") -> "torch.Tensor":
    """Random weights of sum zero: what all channels share is left out, so that borders fade less."""
    import torch

    mix = torch.randn(outputs, inputs, generator=generator) / inputs**0.5
    return mix - mix.mean(dim=1, keepdim=True)


def _soft_filters(mix: "torch.Tensor") -> "torch.Tensor":
    import torch

    line = torch.tensor(BLUR)
    return mix[:, :, None, None] * torch.outer(line, line)


def _scheduler() -> "diffusers.DDIMScheduler":
    import diffusers

    return diffusers.DDIMScheduler(
        beta_schedule="linear",
        beta_start=0.00085,
        beta_end=0.012,
        clip_sample=True,  # keeps single bright spots from taking over the whole picture
        clip_sample_range=1.5,
        prediction_type="sample",
        timestep_spacing="trailing",
    )


def _prior() -> "diffusers.PriorTransformer":
    import diffusers

    prior = diffusers.PriorTransformer(
        num_attention_heads=2,
        attention_head_dim=16,
        embedding_dim=EMBEDDING,
        num_layers=1,
        num_embeddings=TOKENS,
    )
    prior.clip_std.data.fill_(1)  # zeros by default: every prompt would end in the same embedding
    return prior


def text_encoder() -> "transformers.CLIPTextModelWithProjection":
    import transformers

    return transformers.CLIPTextModelWithProjection(
        transformers.CLIPTextConfig(
            hidden_size=EMBEDDING,
            projection_dim=EMBEDDING,
            intermediate_size=64,
            num_attention_heads=4,
            num_hidden_layers=2,
            vocab_size=len(_vocabulary()),
            max_position_embeddings=TOKENS,
            bos_token_id=_vocabulary()[BOS],
            eos_token_id=_vocabulary()[EOS],
            pad_token_id=_vocabulary()[EOS],
            initializer_factor=20.0,
        )
    ).eval()


def _image_encoder() -> "transformers.CLIPVisionModelWithProjection":
    import transformers

    return transformers.CLIPVisionModelWithProjection(
        transformers.CLIPVisionConfig(
            hidden_size=EMBEDDING,
            projection_dim=EMBEDDING,
            intermediate_size=37,
            image_size=32,
            patch_size=8,
            num_attention_heads=4,
            num_hidden_layers=1,
        )
    ).eval()


def tokenizer() -> "transformers.CLIPTokenizer":
    """Bytes as tokens, so that every language has its own; no merges."""
    import transformers

    return transformers.CLIPTokenizer(vocab=_vocabulary(), merges=[], model_max_length=TOKENS)


def _vocabulary() -> dict[str, int]:
    letters = [chr(code) for code in _byte_letters()]
    words = letters + [letter + "</w>" for letter in letters] + [BOS, EOS]
    return {word: index for index, word in enumerate(words)}


def _byte_letters() -> list[int]:
    """The printable stand-ins that byte-level BPE uses for the 256 bytes."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    return printable + [0x100 + i for i in range(256 - len(printable))]
