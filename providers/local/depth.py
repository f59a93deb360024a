"""How far everything in a picture is, as a grey picture that a depth-guided model takes."""

from typing import Any

from PIL import Image

from providers.local.companion import Companion, silence_transformers

OPTION = "depth_model"
TRIAL_SIZE = (64, 64)
METRIC_MODELS = frozenset({"depth_pro", "glpn", "zoedepth"})
"""These answer metres, so the far is large; the others answer nearness, as depth maps show it."""
NEAREST = 0.1
"""Metres; whatever is nearer than this counts as near as this."""


class DepthModel:
    """A loaded depth model of transformers with its image processor."""

    def __init__(self, model: Any, processor: Any, device: str) -> None:
        self._model = model
        self._processor = processor
        self._device = device
        config = model.config
        self._is_metric = (
            config.model_type in METRIC_MODELS
            or getattr(config, "depth_estimation_type", None) == "metric"
        )

    def estimate(self, image: Image.Image) -> Image.Image:
        """A grey picture (`L`) of the same size: 255 for the nearest, 0 for the farthest point.

        All 0 where the model sees no difference.
        """
        import torch

        size = (image.height, image.width)
        inputs = self._processor(
            images=[image.convert("RGB")], return_tensors="pt", input_data_format="channels_last"
        )
        with torch.inference_mode():
            outputs = self._model(**inputs.to(self._device))
            (found,) = self._processor.post_process_depth_estimation(outputs, target_sizes=[size])
        depth = found["predicted_depth"].float().cpu().reshape(size)
        nearness = 1 / depth.clamp(min=NEAREST) if self._is_metric else depth
        return Image.fromarray(_to_bytes(nearness))


def _to_bytes(nearness: Any) -> Any:
    low, high = nearness.min(), nearness.max()
    span = high - low
    spread = (nearness - low) / span if span > 0 else nearness * 0
    return (spread * 255).round().byte().numpy()


def check_depth_model(model: str) -> None:
    """Look at a folder without torch. Raises Misconfigured for what is plainly no depth model."""
    companion = Companion(OPTION, model)
    config = companion.config() or {}
    names = config.get("architectures") or ()
    if names and not any("Depth" in name for name in names):
        raise companion.refusal(f"{', '.join(names)} is no depth model")


def load_depth_model(model: str, *, device: str = "cpu") -> DepthModel:
    """Load a folder's or a hub id's depth model. Raises Misconfigured."""
    import transformers

    silence_transformers()
    companion = Companion(OPTION, model)
    loaded = companion.load(transformers.AutoModelForDepthEstimation).to(device)
    depth_model = DepthModel(loaded, companion.load_processor(), device)
    try:
        depth_model.estimate(Image.new("RGB", TRIAL_SIZE))
    except Exception as error:  # better now than at the first picture
        raise companion.load_refusal(error) from error
    return depth_model
