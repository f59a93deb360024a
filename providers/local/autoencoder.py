"""Kandinsky 2.2's MoVQ: pictures as latents and back."""

from typing import TYPE_CHECKING, Any

from PIL import Image

from providers.local.pixels import from_pixels

if TYPE_CHECKING:
    import torch

DECODED_AT_ONCE = 1024 * 1024
"""Pixels decoded in one go: nothing else needs as much memory."""


class Autoencoder:
    """movq: diffusers' VQModel. factor: how many pixels a latent is wide and high."""

    def __init__(self, movq: Any, device: Any) -> None:
        self._movq = movq
        self._device = device
        self.factor: int = 2 ** (len(movq.config.block_out_channels) - 1)
        self.channels: int = movq.config.latent_channels

    def encode(self, pixels: "torch.Tensor") -> "torch.Tensor":
        """Pictures (rows, 3, height, width) from -1 to 1, as latents."""
        import torch

        with torch.inference_mode():
            pixels = pixels.to(self._device, self._movq.dtype)
            return self._movq.encode(pixels).latents.float()

    def decode(self, latents: "torch.Tensor") -> "torch.Tensor":
        """Latents as pictures (rows, 3, height, width), from -1 to 1 or somewhat beyond."""
        import torch

        with torch.inference_mode():
            latents = latents.to(self._device, self._movq.dtype)
            return self._movq.decode(latents, force_not_quantize=True).sample.float()

    def images(self, latents: "torch.Tensor") -> list[Image.Image]:
        """One picture a row. Raises RuntimeError where half precision overflowed."""
        if not len(latents):  # all were dropped
            return []
        pixels = latents.shape[-1] * latents.shape[-2] * self.factor**2
        portions = latents.split(max(1, DECODED_AT_ONCE // pixels))
        return [image for part in portions for image in from_pixels(self.decode(part))]

    def fingerprint(self) -> bytes:
        """Another autoencoder has another one."""
        ends = (self._movq.decoder.conv_out.weight, self._movq.quant_conv.weight)
        return b"".join(end.detach().float().cpu().numpy().tobytes() for end in ends)
