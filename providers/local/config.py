"""What the owner chose for the local pipeline. Plain data: it travels to the pipeline's process."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineConfig:
    """model: `demo`, a folder, or a hub id; the other models likewise, None for none.

    device, dtype: torch's words, None for the best here.
    cache_dir: where anything that is made once is kept.
    keep_sensitive: a picture blocked as sensitive, and as nothing worse, is handed over all the same.
    """

    model: str
    device: str | None = None
    dtype: str | None = None
    cache_dir: Path
    controlnet: str | None = None
    depth_model: str | None = None
    safety_model: str | None = None
    keep_sensitive: bool = False
