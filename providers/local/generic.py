"""Any other checkpoint that diffusers knows as an AutoPipeline: Stable Diffusion, SDXL, FLUX, ..."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from providers.local import tokens
from providers.local.batch import Watcher
from providers.local.course import Course
from providers.local.drawing import Drawing, Finished, Settings
from providers.local.latents_rgb import LatentsToRgb, fitted
from providers.local.schedulers import scheduler_for, steps_to_run
from providers.types import Mode

if TYPE_CHECKING:
    import torch

AUTO_PIPELINES = {
    Mode.TEXT_TO_IMAGE: "AutoPipelineForText2Image",
    Mode.IMAGE_TO_IMAGE: "AutoPipelineForImage2Image",
    Mode.INPAINTING: "AutoPipelineForInpainting",
}


class Generic:
    """pipe: a loaded text-to-image pipeline; those for its other modes share its networks."""

    def __init__(self, pipe: Any, *, cache_dir: Path) -> None:
        self._pipes = _pipes(pipe)
        self._scheduler = pipe.scheduler
        self._latents_to_rgb = _latents_to_rgb(pipe, cache_dir)
        # Kandinsky 2.1 mixes up the generators of several pictures.
        self._one_by_one = _is_combined(pipe)
        self.modes = frozenset(self._pipes)

    def unread(self, prompt: str) -> str:
        """By the encoder that reads the most: what only a smaller one misses is still drawn."""
        parts = self._pipes[Mode.TEXT_TO_IMAGE].components
        longest = _default(self._pipes[Mode.TEXT_TO_IMAGE].__call__, "max_sequence_length")
        ends = [
            tokens.unread(part, prompt, longest if "T5" in type(part).__name__ else None)
            for name, part in parts.items()
            if "tokenizer" in name and part is not None
        ]
        return min(ends, key=len, default="")

    def draw(
        self, settings: Settings, drawings: Sequence[Drawing], watcher: Watcher
    ) -> list[Finished | None]:
        size = 1 if self._one_by_one else len(drawings)
        steps = self._steps(settings)
        course = Course(
            watcher,
            len(drawings),
            steps * -(-len(drawings) // size),
            settings.canvas.preview,
        )
        finished: list[Finished | None] = [None] * len(drawings)
        for first in range(0, len(drawings), size):
            positions = [p for p in range(first, first + size) if p in course.alive]
            if positions:
                call = _Call(positions, course, self._latents_to_rgb)
                made = self._run(settings, [drawings[p] for p in positions], call)
                for position, one in zip(positions, made, strict=True):
                    finished[position] = one if position in course.alive else None
        return finished

    def _steps(self, settings: Settings) -> int:
        if settings.mode is Mode.TEXT_TO_IMAGE:
            return settings.steps
        return steps_to_run(settings.steps, settings.strength)

    def _run(
        self, settings: Settings, drawings: Sequence[Drawing], call: "_Call"
    ) -> list[Finished]:
        import torch

        pipe = self._pipes[settings.mode]
        pipe.scheduler = scheduler_for(self._scheduler, settings.scheduler)
        takes = inspect.signature(pipe.__call__).parameters
        asked = self._arguments(settings, drawings, call)
        arguments = {name: value for name, value in asked.items() if name in takes}
        if "callback_on_step_end" in arguments:
            arguments.pop("callback", None)
        with torch.inference_mode():
            made = pipe(**arguments)
        flagged = getattr(made, "nsfw_content_detected", None) or [False] * len(made.images)
        return [Finished(*one) for one in zip(made.images, flagged, strict=True)]

    def _arguments(
        self, settings: Settings, drawings: Sequence[Drawing], call: "_Call"
    ) -> Mapping[str, Any]:
        """All that the pipelines may take; a list has one entry a picture."""
        import torch

        negatives = [drawing.negative_prompt for drawing in drawings]
        width, height = settings.canvas.size
        arguments: dict[str, Any] = {
            "prompt": [drawing.prompt for drawing in drawings],
            "num_inference_steps": settings.steps,
            "guidance_scale": settings.guidance_scale,
            "prior_guidance_scale": settings.prior_guidance_scale,
            "prior_num_inference_steps": settings.prior_steps,
            "generator": [torch.Generator("cpu").manual_seed(d.seed) for d in drawings],
            "callback_on_step_end": call.on_step,
            "callback": call.on_step_of_old,
            "width": width,
            "height": height,
            "output_type": "pil",
        }
        if any(negatives):
            arguments["negative_prompt"] = negatives
        if settings.mode is not Mode.TEXT_TO_IMAGE:
            arguments["image"] = [drawing.init for drawing in drawings]
            arguments |= _strength(settings)
        if settings.mode is Mode.INPAINTING:
            arguments["mask_image"] = [drawing.mask for drawing in drawings]
        return arguments


class _Call:
    """What happens between two steps of one upstream call; rows stay as they are.

    A dropped picture is drawn on, only for nobody: what each pipeline keeps for its rows is its
    own affair, and taking a row out of it would be too.
    """

    def __init__(
        self, positions: Sequence[int], course: Course, latents_to_rgb: LatentsToRgb | None
    ) -> None:
        self._positions = positions
        self._course = course
        self._latents_to_rgb = latents_to_rgb

    def on_step(
        self, _pipe: object, _step: int, _time: object, kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        self._course.step()
        latents = kwargs.get("latents")
        if self._latents_to_rgb is not None and latents is not None and latents.ndim == 4:  # noqa: PLR2004 - (rows, channels, height, width); FLUX packs them
            self._course.preview(lambda: self._frames(latents))
        return kwargs  # None would be an AttributeError upstream

    def on_step_of_old(self, _step: int, _time: object, _latents: object) -> None:
        """As Kandinsky 2.1 wants its callback; its latents fit no preview here."""
        self._course.step()

    def _frames(self, latents: "torch.Tensor") -> list[Image.Image] | None:
        assert self._latents_to_rgb is not None  # noqa: S101 - for mypy: asked before
        alive = [row for row, place in enumerate(self._positions) if place in self._course.alive]
        return self._latents_to_rgb.frames(latents[alive])


def _is_combined(pipe: Any) -> bool:
    """Kandinsky 2.1, of which only text-to-image can be used.

    Its image-to-image swaps width and height, so that it fails unless they are the same, and its
    inpainting takes a decoder of its own.
    """
    return hasattr(pipe, "prior_pipe")


def _pipes(pipe: Any) -> dict[Mode, Any]:
    """A pipeline for each mode that there is one for; they share the networks of the first."""
    import diffusers

    pipes = {Mode.TEXT_TO_IMAGE: pipe}
    if _is_combined(pipe):
        return pipes
    for mode in (Mode.IMAGE_TO_IMAGE, Mode.INPAINTING):
        try:
            pipes[mode] = getattr(diffusers, AUTO_PIPELINES[mode]).from_pipe(pipe)
        except ValueError:  # diffusers has none for this model
            continue
        pipes[mode].set_progress_bar_config(disable=True)
    return pipes


def _latents_to_rgb(pipe: Any, cache_dir: Path) -> LatentsToRgb | None:
    """Previews for autoencoders of the common kind; None for any other."""
    import torch

    vae = getattr(pipe, "vae", None)
    if vae is None or not hasattr(vae.config, "scaling_factor"):
        return None
    shift, factor = getattr(vae.config, "shift_factor", None) or 0.0, vae.config.scaling_factor

    def encode(pixels: "torch.Tensor") -> "torch.Tensor":
        with torch.inference_mode():
            found = vae.encode(pixels.to(vae.device, vae.dtype)).latent_dist.mode()
        return (found.float() - shift) * factor

    def decode(latents: "torch.Tensor") -> "torch.Tensor":
        with torch.inference_mode():
            scaled = latents.to(vae.device, vae.dtype) / factor + shift
            return vae.decode(scaled).sample.float()

    weight = vae.decoder.conv_out.weight.detach().float().cpu().numpy().tobytes()
    return fitted(encode, decode, fingerprint=weight, cache_dir=cache_dir)


def _strength(settings: Settings) -> dict[str, float]:
    """At least as much as one step takes, with something against rounding down."""
    return {"strength": min(1.0, max(settings.strength, 1 / settings.steps + 1e-6))}


def _default(call: Callable[..., Any], name: str) -> Any:
    parameter = inspect.signature(call).parameters.get(name)
    return None if parameter is None else parameter.default
