"""Kandinsky 2.2, prior and decoder one after the other: its modules text2image, image2image,
image fuse, inpainting and ControlNet-depth. Why not by diffusers' pipelines:
docs/decisions/0005-local-pipeline.md.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from providers.local import tokens
from providers.local.autoencoder import Autoencoder
from providers.local.batch import Watcher
from providers.local.course import Course
from providers.local.decoder import INPAINT_CHANNELS, Denoising, Rows, kept_latents
from providers.local.drawing import Drawing, Finished, Settings
from providers.local.embeddings import Embeddings
from providers.local.latents_rgb import fitted
from providers.local.pixels import mask_to_pixels, to_pixels
from providers.local.prior import Words
from providers.local.schedulers import scheduler_for, steps_to_run
from providers.types import Mode

if TYPE_CHECKING:
    import torch

WITH_STRENGTH = frozenset({Mode.IMAGE_TO_IMAGE, Mode.INPAINTING})


class Needs(NamedTuple):
    """What of a picture the prior must embed: its prompt, its negative prompt, if any."""

    prompt: Words | None
    negative_prompt: Words | None


class Kandinsky22:
    """prior_parts, decoder_parts: diffusers' components by their names in those two pipelines.

    inpainter, controlnet: decoder networks trained for these, where there are any.
    device: where everything but the image encoder is, or is brought when it is used.
    """

    def __init__(
        self,
        prior_parts: Mapping[str, Any],
        decoder_parts: Mapping[str, Any],
        *,
        device: Any,
        cache_dir: Path,
        inpainter: Any = None,
        controlnet: Any = None,
    ) -> None:
        self.embeddings = Embeddings(prior_parts, device)
        self.autoencoder = Autoencoder(decoder_parts["movq"], device)
        self.modes = modes_of(decoder_parts["unet"].config.in_channels, depth=bool(controlnet))
        self._scheduler = decoder_parts["scheduler"]
        self._unet = decoder_parts["unet"]
        self._inpainter, self._controlnet = inpainter or self._unet, controlnet
        self._device = device
        self._latents_to_rgb = fitted(
            self.autoencoder.encode,
            self.autoencoder.decode,
            fingerprint=self.autoencoder.fingerprint(),
            cache_dir=cache_dir,
        )

    def unread(self, prompt: str) -> str:
        return tokens.unread(self.embeddings.tokenizer, prompt)

    def draw(
        self, settings: Settings, drawings: Sequence[Drawing], watcher: Watcher
    ) -> list[Finished | None]:
        import torch

        needs = [needs_of(settings, drawing) for drawing in drawings]
        owners = _owners(needs)
        denoising = self._denoising(settings)
        prior_steps = settings.prior_steps if self.embeddings.missing(owners) else 0
        total = prior_steps + len(denoising.times)
        course = Course(watcher, len(drawings), total, settings.canvas.preview)
        finished: list[Finished | None] = [None] * len(drawings)
        with torch.inference_mode():
            embeddings = self.embeddings.of_words(owners, course)
            if not course.alive:
                return finished
            asked = [(drawings[place], needs[place]) for place in course.alive]
            rows = self._rows(settings, denoising, asked, embeddings)
            latents = denoising.run(rows, course, self._latents_to_rgb.frames)
        images = self.autoencoder.images(latents)
        for place, image in zip(course.alive, images, strict=True):
            finished[place] = Finished(image)
        return finished

    def _denoising(self, settings: Settings) -> Denoising:
        scheduler = scheduler_for(self._scheduler, settings.scheduler)
        scheduler.set_timesteps(settings.steps, device=self._device)
        strength = settings.strength if settings.mode in WITH_STRENGTH else 1.0
        ran = steps_to_run(settings.steps, strength)
        return Denoising(
            unet=self._network(settings.mode),
            scheduler=scheduler,
            times=scheduler.timesteps[-ran:],
            guidance_scale=settings.guidance_scale,
        )

    def _network(self, mode: Mode) -> Any:
        match mode:
            case Mode.INPAINTING:
                return self._inpainter
            case Mode.DEPTH_GUIDED:
                return self._controlnet
            case _:
                return self._unet

    def _rows(
        self,
        settings: Settings,
        denoising: Denoising,
        asked: Sequence[tuple[Drawing, Needs]],
        embeddings: "Mapping[Words, torch.Tensor]",
    ) -> Rows:
        """The first rows of a batch: noise, or a given picture with noise on it."""
        import torch

        generators = [torch.Generator("cpu").manual_seed(drawing.seed) for drawing, _ in asked]
        noise = self._noise(settings, generators)
        latents = noise * denoising.scheduler.init_noise_sigma
        rows = Rows(
            latents=latents,
            noise=noise,
            positive=torch.cat([self._positive(*one, embeddings) for one in asked]),
            negative=torch.cat([self._negative(needs, embeddings) for _, needs in asked]),
            generators=generators,
            **self._given(settings, [drawing for drawing, _ in asked]),
        )
        # A mask is repainted from pure noise unless something of the picture is to shine through.
        over_picture = settings.mode is Mode.IMAGE_TO_IMAGE or len(denoising.times) < settings.steps
        return denoising.begun(rows) if rows.init is not None and over_picture else rows

    def _noise(self, settings: Settings, generators: Sequence[Any]) -> "torch.Tensor":
        """On the CPU and in single precision: a seed means one picture, whatever draws it."""
        import torch

        width, height = (side // self.autoencoder.factor for side in settings.canvas.size)
        shape = (self.autoencoder.channels, height, width)
        noise = [torch.randn(shape, generator=generator) for generator in generators]
        return torch.stack(noise).to(self._device)

    def _given(self, settings: Settings, drawings: Sequence[Drawing]) -> dict[str, Any]:
        """What the mode's pictures give to the rows."""
        given: dict[str, Any] = {}
        if settings.mode in WITH_STRENGTH:
            inits = [drawing.init for drawing in drawings if drawing.init]
            given["init"] = self.autoencoder.encode(to_pixels(inits))
        if settings.mode is Mode.INPAINTING:
            masks = mask_to_pixels([drawing.mask for drawing in drawings if drawing.mask])
            given["keep"] = kept_latents(masks.to(self._device), given["init"].shape[-2:])
        if settings.mode is Mode.DEPTH_GUIDED:
            hints = [drawing.hint.convert("RGB") for drawing in drawings if drawing.hint]
            given["hint"] = (to_pixels(hints) * 0.5 + 0.5).to(self._device)
        return given

    def _positive(
        self, drawing: Drawing, needs: Needs, embeddings: "Mapping[Words, torch.Tensor]"
    ) -> "torch.Tensor":
        """The embedding to draw; of several things, their mean by weight."""
        parts = [(self.embeddings.of_picture(picture), weight) for picture, weight in drawing.mix]
        if needs.prompt is not None:
            parts.append((embeddings[needs.prompt], 1.0))
        total = sum(weight for _, weight in parts)
        return sum(embedding * (weight / total) for embedding, weight in parts)

    def _negative(self, needs: Needs, embeddings: "Mapping[Words, torch.Tensor]") -> "torch.Tensor":
        words = needs.negative_prompt
        return self.embeddings.zero if words is None else embeddings[words]


def modes_of(in_channels: int, *, depth: bool) -> frozenset[Mode]:
    """A decoder made for inpainting does nothing else; any other inpaints too, by its latents."""
    if in_channels == INPAINT_CHANNELS:
        return frozenset({Mode.INPAINTING})
    modes = {Mode.TEXT_TO_IMAGE, Mode.IMAGE_TO_IMAGE, Mode.INPAINTING, Mode.BLENDING}
    return frozenset(modes | {Mode.DEPTH_GUIDED} if depth else modes)


def needs_of(settings: Settings, drawing: Drawing) -> Needs:
    steps, scale = settings.prior_steps, settings.prior_guidance_scale
    negative = drawing.negative_prompt
    positive = Words(drawing.prompt, negative, drawing.seed, steps, scale)
    # Upstream guides the negative prompt away from itself, which changes nothing.
    against = Words(negative, negative, None, steps, scale)
    only_pictures = drawing.mix and not drawing.prompt
    return Needs(None if only_pictures else positive, against if negative else None)


def _owners(needs: Sequence[Needs]) -> dict[Words, list[int]]:
    """Which pictures each run of the prior is for."""
    owners: dict[Words, list[int]] = {}
    for place, both in enumerate(needs):
        for words in both:
            if words is not None:
                owners.setdefault(words, []).append(place)
    return owners
