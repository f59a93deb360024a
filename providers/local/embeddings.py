"""Image embeddings, of words and of pictures, each computed once."""

import hashlib
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PIL import Image

from providers.local.course import Course
from providers.local.prior import Prior, Words

if TYPE_CHECKING:
    import torch

CACHED = 1024
"""Embeddings kept: 1280 numbers each, so a few megabytes."""


class Cache:
    """At most `limit` embeddings, the least recently used one forgotten first."""

    def __init__(self, limit: int = CACHED) -> None:
        self._limit = limit
        self._kept: OrderedDict[object, torch.Tensor] = OrderedDict()

    def get(self, key: object) -> "torch.Tensor | None":
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, key: object, embedding: "torch.Tensor") -> None:
        self._kept[key] = embedding
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)


class Embeddings:
    """By the prior for words, by the image encoder for pictures; each is (1, dimension).

    The image encoder stays on the CPU but for the moments it is used: it is 38 % of Kandinsky
    2.2's weights, and pictures drawn from words alone need nothing of it but one constant, its
    embedding of a black picture. That is `zero`, which stands for "no negative prompt".
    """

    def __init__(self, parts: Mapping[str, Any], device: Any) -> None:
        self.tokenizer = parts["tokenizer"]
        self._prior = Prior(
            parts["tokenizer"], parts["text_encoder"], parts["prior"], parts["scheduler"], device
        )
        self._image_encoder = parts["image_encoder"]
        self._image_processor = parts["image_processor"]
        self._device = device
        self._cache = Cache()
        self.zero = self._zero()

    def missing(self, wanted: Iterable[Words]) -> set[Words]:
        """Those for which the prior would have to run."""
        return {words for words in wanted if self._cache.get(words) is None}

    def of_words(
        self, wanted: Mapping[Words, Collection[int]], course: Course
    ) -> "dict[Words, torch.Tensor]":
        """Of each of `wanted`, which names the positions it is for.

        All have the same steps and guidance. What only dropped pictures needed is left out.
        """
        found = {words: self._cache.get(words) for words in wanted}
        todo = [words for words, embedding in found.items() if embedding is None]
        made = self._prior.run(todo, wanted, course) if todo else {}
        for words, embedding in made.items():
            self._cache.keep(words, embedding)
        return {words: e for words, e in {**found, **made}.items() if e is not None}

    def of_picture(self, picture: Image.Image) -> "torch.Tensor":
        import torch

        key = (picture.size, hashlib.sha256(picture.tobytes()).digest())
        if (embedding := self._cache.get(key)) is None:
            pixels = self._image_processor(picture, return_tensors="pt").pixel_values
            with torch.inference_mode():
                embedding = self._encoded(pixels)
            self._cache.keep(key, embedding)
        return embedding

    def _zero(self) -> "torch.Tensor":
        import torch

        side = self._image_encoder.config.image_size
        with torch.inference_mode():
            return self._encoded(torch.zeros(1, 3, side, side))

    def _encoded(self, pixels: "torch.Tensor") -> "torch.Tensor":
        with _borrowed(self._image_encoder, self._device) as encoder:
            pixels = pixels.to(self._device, encoder.dtype)
            return encoder(pixels).image_embeds.float()


@contextmanager
def _borrowed(module: Any, device: Any) -> Iterator[Any]:
    """A module that lives on the CPU, on the device for as long as it is used."""
    home = next(module.parameters()).device
    module.to(device)
    try:
        yield module
    finally:
        module.to(home)
