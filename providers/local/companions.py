"""The models beside the one that draws: looked at before the start, and loaded with it."""

from dataclasses import dataclass

from providers.local.companion import Companion
from providers.local.config import PipelineConfig
from providers.local.depth import DepthModel, check_depth_model, load_depth_model
from providers.local.safety import PictureChecker, check_safety_model, load_checker

CONTROLNET = "controlnet"
PIPELINE_INDEX = "model_index.json"


@dataclass(frozen=True, slots=True)
class Companions:
    """None for what isn't configured: then no picture is checked, or no depth map made."""

    checker: PictureChecker | None
    depth_model: DepthModel | None


def load_companions(config: PipelineConfig) -> Companions:
    """Load what is configured, on the CPU: the GPU's memory is for drawing.

    To be done before the model that draws, which may take minutes. Raises Misconfigured.
    """
    return Companions(
        load_checker(config.safety_model) if config.safety_model else None,
        load_depth_model(config.depth_model) if config.depth_model else None,
    )


def check_companions(config: PipelineConfig) -> None:
    """Look at them in milliseconds, without torch. Raises Misconfigured for the first bad one."""
    if config.controlnet is not None:
        check_controlnet(config.controlnet)
    if config.depth_model is not None:
        check_depth_model(config.depth_model)
    if config.safety_model is not None:
        check_safety_model(config.safety_model)


def check_controlnet(model: str) -> None:
    """A ControlNet comes alone (Stable Diffusion) or as a whole pipeline (Kandinsky 2.2).

    Raises Misconfigured.
    """
    companion = Companion(CONTROLNET, model)
    is_pipeline = companion.has(PIPELINE_INDEX)
    config = companion.config(PIPELINE_INDEX) if is_pipeline else companion.config()
    name = str((config or {}).get("_class_name", ""))
    if config is not None and "controlnet" not in name.lower():
        raise companion.refusal(f"{name or 'what it holds'} is no ControlNet")
