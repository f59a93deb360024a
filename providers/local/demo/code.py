"""The embedding that texts, pictures and the two diffusion models share.

Each value of each attribute has a vector of its own; an embedding is the sum of the vectors of
what is known of a picture. What isn't known adds nothing, so the zero vector asks for no picture
in particular. The vectors are orthogonal: what an embedding says can be read from it exactly.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from providers.local.demo.scene import SLOTS

WIDTH = 128
LENGTH = 4.0
"""Of each vector: with eight attributes known, the entries of the sum have a variance of one."""
_ROWS = {
    (slot, value): row
    for row, (slot, value) in enumerate((slot, v) for slot, values in SLOTS.items() for v in values)
}

Vector = NDArray[np.float32]


@cache
def _table() -> Vector:
    noise = np.random.default_rng(22).standard_normal((WIDTH, WIDTH))
    orthogonal, _ = np.linalg.qr(noise)
    return np.ascontiguousarray(orthogonal[: len(_ROWS)] * LENGTH, dtype=np.float32)


def encode(values: Mapping[str, str]) -> Vector:
    """The embedding, (WIDTH,), of these values by slot."""
    rows = [_ROWS[slot, value] for slot, value in values.items()]
    total: Vector = _table()[rows].sum(axis=0, dtype=np.float32)
    return total


def encode_all(many: list[dict[str, str]]) -> Vector:
    """(len(many), WIDTH)."""
    return np.stack([encode(values) for values in many])


def decode(embedding: Vector) -> dict[str, str]:
    """What the embedding says: of each slot the likeliest value, if it is more there than not."""
    shares = _table() @ embedding / LENGTH**2
    said = {}
    for slot, values in SLOTS.items():
        first = _ROWS[slot, values[0]]
        own = shares[first : first + len(values)]
        if own.max() > 0.5:
            said[slot] = values[int(own.argmax())]
    return said
