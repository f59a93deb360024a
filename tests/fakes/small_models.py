"""Classifiers and depth models of a few thousand random weights, saved as any checkpoint is.

Torch is imported inside: importing this module works without it.
"""

# ruff: noqa: PLC0415 - see above

from pathlib import Path
from typing import Any

SIDE = 32
CERTAIN = 20.0
"""A bias that outweighs whatever the random weights say."""


def save_classifier(
    folder: Path, labels: list[str], *, says: str | None = None, **config: Any
) -> str:
    """A ViT that always answers `says`, or what its random weights think of the picture."""
    import torch
    import transformers

    settings = transformers.ViTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=SIDE,
        patch_size=16,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
        **config,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = transformers.ViTForImageClassification(settings)
    if says is not None:
        with torch.no_grad():
            model.classifier.bias.fill_(-CERTAIN)[labels.index(says)] = CERTAIN
    model.save_pretrained(folder)
    size = {"height": SIDE, "width": SIDE}
    transformers.ViTImageProcessor(size=size).save_pretrained(folder)
    return str(folder)


def save_torn_classifier(folder: Path) -> str:
    """A ViT that finds red and green pictures unsafe, black, white and blue ones harmless."""
    import torch
    import transformers

    save_classifier(folder, ["normal", "nsfw"])
    model = transformers.ViTForImageClassification.from_pretrained(folder)
    with torch.no_grad():
        model.classifier.bias[1] -= 0.225  # what its random weights say of pictures between
    model.save_pretrained(folder)
    return str(folder)


def save_concept_checker(folder: Path, *, blocks: bool, processor: Path | None = None) -> str:
    """Stable Diffusion's safety checker; its thresholds lie below or above all likeness there is.

    processor: the folder for its preprocessor's file, the checker's own where none is given.
    """
    import torch
    import transformers
    from diffusers.pipelines.stable_diffusion import safety_checker

    vision = {"num_hidden_layers": 1, "num_attention_heads": 2, "image_size": SIDE}
    small = {"hidden_size": 16, "intermediate_size": 16}
    words = {"vocab_size": 10, "num_hidden_layers": 1, "num_attention_heads": 2}
    settings = transformers.CLIPConfig(
        vision_config={**vision, **small, "patch_size": 16},
        text_config={**words, **small, "bos_token_id": 0, "eos_token_id": 1},
        projection_dim=8,
    )
    model = safety_checker.StableDiffusionSafetyChecker(settings)
    with torch.no_grad():
        model.concept_embeds_weights.fill_(-1.1 if blocks else 1.1)
    model.save_pretrained(folder)
    crop = transformers.CLIPImageProcessor(size=SIDE, crop_size=SIDE)
    crop.save_pretrained(processor or folder)
    return str(folder)


def save_depth_model(folder: Path, **config: Any) -> str:
    """A Depth Anything whose random weights see some depth in anything."""
    import torch
    import transformers

    backbone = transformers.Dinov2Config(
        hidden_size=16,
        num_hidden_layers=4,
        num_attention_heads=2,
        mlp_ratio=1,
        image_size=28,
        patch_size=14,
        out_indices=[1, 2, 3, 4],
        reshape_hidden_states=False,
        apply_layernorm=True,
    )
    settings = transformers.DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=16,
        patch_size=14,
        neck_hidden_sizes=[8, 8, 8, 8],
        fusion_hidden_size=8,
        head_hidden_size=8,
        **config,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = transformers.DepthAnythingForDepthEstimation(settings)
        with torch.no_grad():
            for weights in model.parameters():
                weights.normal_(std=0.3)
    model.save_pretrained(folder)
    transformers.DPTImageProcessor(size={"height": 56, "width": 56}).save_pretrained(folder)
    return str(folder)
