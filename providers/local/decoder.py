"""Kandinsky 2.2's decoder: the loop that turns image embeddings into latents, in every mode.

One loop for what diffusers has in four pipelines, step for step the same (the tests compare them);
there a batch can't lose a picture, and inpainting takes one picture and one mask for all of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from PIL import Image

from providers.local.course import Course
from providers.local.schedulers import clean_latents, keep_rows, reads_variance

if TYPE_CHECKING:
    import torch

INPAINT_CHANNELS = 9
"""What a decoder trained for inpainting takes: noisy latents, the picture's latents, the mask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Pictures in the making: each tensor has one row for each of them.

    latents, noise: (rows, 4, height/8, width/8); the noise is what the latents began with.
    positive, negative: image embeddings (rows, dimension).
    init: latents of the given pictures. keep: (rows, 1, height/8, width/8), 1 where they stay.
    hint: depth maps (rows, 3, height, width), 0 to 1.
    """

    latents: "torch.Tensor"
    noise: "torch.Tensor"
    positive: "torch.Tensor"
    negative: "torch.Tensor"
    generators: list[Any]
    init: "torch.Tensor | None" = None
    keep: "torch.Tensor | None" = None
    hint: "torch.Tensor | None" = None

    def only(self, rows: Sequence[int]) -> "Rows":
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        chosen = list(rows)
        return Rows(
            **{
                name: [value[i] for i in chosen] if isinstance(value, list) else value[chosen]
                for name, value in values.items()
                if value is not None
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Denoising:
    """How one batch is drawn; `scheduler` is its own and set up, `times` those of it to run."""

    unet: Any
    scheduler: Any
    times: Any
    guidance_scale: float

    def run(
        self,
        rows: Rows,
        course: Course,
        frames: Callable[["torch.Tensor"], list[Image.Image] | None],
    ) -> "torch.Tensor":
        """The finished latents of those alive at the end, in their order."""
        for index, time in enumerate(self.times):
            step = self.scheduler.step(
                self._predict(rows, time), time, rows.latents, generator=rows.generators
            )
            later = self.times[index + 1] if index + 1 < len(self.times) else None
            rows = replace(rows, latents=self._restored(step.prev_sample, rows, later))
            clean = self._restored(clean_latents(self.scheduler, step, rows.latents), rows, None)
            kept = course.step()
            if len(kept) < len(clean):
                rows, clean = rows.only(kept), clean[kept]
                keep_rows(self.scheduler, kept)
            if not kept:
                break
            course.preview(lambda latents=clean: frames(latents))  # type: ignore[misc]
        return rows.latents

    def begun(self, rows: Rows) -> Rows:
        """With the given pictures, as noisy as the first of the times, to begin with."""
        latents = self.scheduler.add_noise(rows.init, rows.noise, self.times[:1])
        return replace(rows, latents=latents)

    def _predict(self, rows: Rows, time: "torch.Tensor") -> "torch.Tensor":
        import torch

        guided = self.guidance_scale > 1
        channels = rows.latents.shape[1]
        sample, embeds, hint = self._sample(rows), rows.positive, rows.hint
        if guided:
            sample = torch.cat([sample, sample])
            embeds = torch.cat([rows.negative, embeds])
            hint = None if hint is None else torch.cat([hint, hint])
        dtype = self.unet.dtype
        conditions = {"image_embeds": embeds.to(dtype)}
        if hint is not None:
            conditions["hint"] = hint.to(dtype)
        predicted = self.unet(
            sample=sample.to(dtype),
            timestep=time,
            encoder_hidden_states=None,
            added_cond_kwargs=conditions,
            return_dict=False,
        )[0].float()
        noise, variance = predicted[:, :channels], predicted[:, channels:]
        if guided:
            against, towards = noise.chunk(2)
            noise = against + self.guidance_scale * (towards - against)
            variance = variance.chunk(2)[1]
        return torch.cat([noise, variance], dim=1) if reads_variance(self.scheduler) else noise

    def _sample(self, rows: Rows) -> "torch.Tensor":
        import torch

        made_for_it = self.unet.config.in_channels == INPAINT_CHANNELS
        if rows.init is None or rows.keep is None or not made_for_it:
            return rows.latents
        return torch.cat([rows.latents, rows.init * rows.keep, rows.keep], dim=1)

    def _restored(self, latents: "torch.Tensor", rows: Rows, later: Any) -> "torch.Tensor":
        """Where the picture stays, its own latents, as noisy as those at the time of `later`."""
        if rows.keep is None or rows.init is None:
            return latents
        init = rows.init
        if later is not None:
            init = self.scheduler.add_noise(init, rows.noise, later.reshape(1))
        return rows.keep * init + (1 - rows.keep) * latents


def kept_latents(mask: "torch.Tensor", shape: tuple[int, int]) -> "torch.Tensor":
    """A mask (rows, 1, height, width; 1 is repainted) as latents to keep: 1, but near the mask 0.

    Upstream's `prepare_mask`, as one convolution: it too leaves out two of the eight neighbours.
    """
    import torch
    from torch.nn import functional

    small = functional.interpolate(mask, shape, mode="nearest")
    neighbours = torch.tensor([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]], device=mask.device)
    touched = functional.conv2d(small, neighbours[None, None], padding=1)
    return (touched == 0).to(mask.dtype)
