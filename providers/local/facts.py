"""What a loaded pipeline runs on, for the owner to read. Importable without torch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """device, dtype: torch's words. offload: `none`, `model` or `sequential`.

    peak_memory: bytes, the most so far on the device (on a CPU: of the whole process), 0 where nobody counts.
    """

    device: str
    dtype: str
    offload: str
    peak_memory: int
