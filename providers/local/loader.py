"""Turns a checkpoint into a pipeline in memory. Runs where the pipeline runs, not on the loop.

Hub models are kept in Hugging Face's own cache (HF_HOME), where other programs find them too.
"""

import sys
from pathlib import Path
from typing import Any

from providers.errors import Misconfigured, Unavailable
from providers.local.checkpoint import Checkpoint, check_config
from providers.local.checks import Checker, DepthEstimator
from providers.local.config import PipelineConfig
from providers.local.devices import default_device
from providers.local.drawing import Engine
from providers.local.families import Family
from providers.local.layouts import Layout, weight_bytes
from providers.local.pipeline import Pipeline
from providers.local.placement import best_dtype

DTYPES = {
    "float32": "float32",
    "fp32": "float32",
    "float16": "float16",
    "fp16": "float16",
    "bfloat16": "bfloat16",
    "bf16": "bfloat16",
}
"""What LOCAL_DTYPE may say, and torch's name for it."""

DEMO_FOLDER = Path(__file__).with_name("demo") / "weights"


def check_dtype(dtype: str | None) -> None:
    """Raise Misconfigured for a dtype that we have no word for."""
    if dtype is not None and dtype not in DTYPES:
        raise Misconfigured(
            "local", f"dtype {dtype}: not one of {', '.join(DTYPES)}", option="dtype"
        )


def load(
    config: PipelineConfig,
    *,
    checker: Checker | None = None,
    depth_estimator: DepthEstimator | None = None,
) -> Pipeline:
    """Load once what is named; minutes where a hub model must be downloaded first.

    Raises Unavailable, its detail one line for the owner.
    """
    check_dtype(config.dtype)
    check_config(config)
    checkpoint = Checkpoint(config.model)
    family = checkpoint.family()
    try:
        _silence_libraries()
        import torch

        if family.threads:  # but no more than the machine or OMP_NUM_THREADS gives
            torch.set_num_threads(min(family.threads, torch.get_num_threads()))
        device = config.device or default_device(torch)
        torch.empty(0, device=device)  # before the minutes that loading may take
        source = _source(checkpoint)
        dtype = DTYPES[config.dtype] if config.dtype else _best_dtype(device, family, source)
        engine, offload = _engine(source, config, device, getattr(torch, dtype))
    except Unavailable:
        raise
    except Exception as error:
        raise Unavailable("local", f"{checkpoint.model}: {_first_line(error)}") from error
    return Pipeline(
        engine,
        family,
        device=device,
        dtype=dtype,
        offload=offload,
        checker=checker,
        depth_estimator=depth_estimator,
    )


Source = Layout | str
"""A layout on disk, or a hub id."""


def _source(checkpoint: Checkpoint) -> Source:
    if checkpoint.is_demo:
        return Layout(DEMO_FOLDER)
    return checkpoint.layout() or checkpoint.model


def _best_dtype(device: str, family: Family, source: Source) -> str:
    known = isinstance(source, Layout)
    weights = weight_bytes(source.whole, source.prior) if isinstance(source, Layout) else 0
    # What is still on the hub can't be weighed; what people download is hardly ever small.
    return best_dtype(device, half=family.half, weights=weights if known else sys.maxsize)


def _engine(source: Source, config: PipelineConfig, device: str, dtype: Any) -> tuple[Engine, str]:
    import diffusers

    name = str(source.whole) if isinstance(source, Layout) else source
    if isinstance(source, Layout) and source.prior is not None:
        return _kandinsky22(
            _pipe(str(source.prior), dtype).components,
            _pipe(name, dtype).components,
            config,
            device=device,
            dtype=dtype,
            inpainter=source.inpainter,
        )
    pipe = diffusers.AutoPipelineForText2Image.from_pretrained(name, dtype=dtype)
    if isinstance(pipe, diffusers.KandinskyV22CombinedPipeline):
        prior = pipe.prior_pipe.components
        decoder = pipe.decoder_pipe.components
        return _kandinsky22(prior, decoder, config, device=device, dtype=dtype)
    return _generic(pipe, config, device)


def _pipe(name: str, dtype: Any) -> Any:
    import diffusers

    return diffusers.DiffusionPipeline.from_pretrained(name, dtype=dtype)


def _kandinsky22(
    prior: dict[str, Any],
    decoder: dict[str, Any],
    config: PipelineConfig,
    *,
    device: str,
    dtype: Any,
    inpainter: Path | None = None,
) -> tuple[Engine, str]:
    from providers.local.decoder import INPAINT_CHANNELS
    from providers.local.kandinsky22 import Kandinsky22
    from providers.local.placement import place

    inpaint_unet = _pipe(str(inpainter), dtype).unet if inpainter else None
    if inpaint_unet is not None and inpaint_unet.config.in_channels != INPAINT_CHANNELS:
        channels = inpaint_unet.config.in_channels
        raise Unavailable("local", f"{inpainter}: {channels} channels, so not made for inpainting")
    controlnet = _controlnet(config.controlnet, dtype) if config.controlnet else None
    unets = [unet for unet in (decoder["unet"], inpaint_unet, controlnet) if unet is not None]
    networks = [prior["text_encoder"], prior["prior"], *unets, decoder["movq"]]
    for network in (*networks, prior["image_encoder"]):
        network.eval().requires_grad_(False)
    offload = place(networks, device)
    engine = Kandinsky22(
        prior,
        decoder,
        device=device,
        cache_dir=config.cache_dir,
        inpainter=inpaint_unet,
        controlnet=controlnet,
    )
    return engine, offload


def _controlnet(model: str, dtype: Any) -> Any:
    unet = _pipe(str(Checkpoint(model).folder or model), dtype).unet
    if unet.config.addition_embed_type != "image_hint":
        raise Unavailable("local", f"{model}: takes no hint, so no ControlNet")
    return unet


def _generic(pipe: Any, config: PipelineConfig, device: str) -> tuple[Engine, str]:
    from providers.local.generic import Generic
    from providers.local.placement import choose_offload, free_memory, network_bytes

    pipe.set_progress_bar_config(disable=True)
    networks = [part for part in pipe.components.values() if hasattr(part, "parameters")]
    offload = choose_offload(free_memory(device), [network_bytes(one) for one in networks])
    match offload:
        case "none":
            pipe.to(device)
        case "model":
            pipe.enable_model_cpu_offload(device=device)
        case "sequential":
            pipe.enable_sequential_cpu_offload(device=device)
    return Generic(pipe, cache_dir=config.cache_dir), offload


def _silence_libraries() -> None:
    """No progress bars, and above all no warnings: one of them repeats the end of a long prompt."""
    import diffusers
    import transformers

    for library in (diffusers.utils.logging, transformers.utils.logging):
        library.set_verbosity_error()
        library.disable_progress_bar()


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'}"
