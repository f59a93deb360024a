"""A model beside the one that draws: the picture checker's, the depth model, a ControlNet."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from providers.errors import Misconfigured
from providers.local.checkpoint import Checkpoint

CONFIG = "config.json"


@dataclass(frozen=True, slots=True)
class Companion:
    """option: its name in PipelineConfig (`safety_model`). model: a folder or a hub id."""

    option: str
    model: str

    @property
    def folder(self) -> Path | None:
        """Its folder; None for a hub id."""
        return Checkpoint(self.model).folder

    @property
    def source(self) -> str:
        """What `from_pretrained` takes."""
        return str(self.folder or self.model)

    def config(self, name: str = CONFIG) -> dict[str, Any] | None:
        """What its folder's `name` says, read without torch; None for a hub id not fetched yet.

        Raises Misconfigured.
        """
        if self.folder is None:
            return None
        if not self.folder.is_dir():
            raise self.refusal("no such folder")
        try:
            config = json.loads((self.folder / name).read_text("utf-8"))
        except FileNotFoundError:
            raise self.refusal(f"no {name} in it") from None
        except (OSError, ValueError):
            raise self.refusal(f"its {name} can't be read") from None
        if not isinstance(config, dict):
            raise self.refusal(f"its {name} holds no object")
        return config

    def has(self, name: str) -> bool:
        return self.folder is not None and (self.folder / name).is_file()

    def refusal(self, problem: str) -> Misconfigured:
        return Misconfigured("local", f"{self.model}: {problem}", option=self.option)

    def load_refusal(self, error: Exception) -> Misconfigured:
        """For what a library raised while loading it, by the first line of its message."""
        lines = str(error).strip().splitlines()
        return self.refusal(f"{type(error).__name__}: {lines[0] if lines else 'no message'}")

    def load(self, loader: Any) -> Any:
        """The model that `loader` (a class of transformers) makes of it, in single precision.

        Raises Misconfigured where weights are missing: transformers would draw lots for them.
        """
        import torch

        try:
            model, report = loader.from_pretrained(
                self.source, dtype=torch.float32, output_loading_info=True
            )
        except Exception as error:
            raise self.load_refusal(error) from error
        missing = sorted(report["missing_keys"])
        if missing:
            raise self.refusal(f"{len(missing)} weights are missing, {missing[0]} among them")
        return model.eval()

    def load_processor(self, source: str | None = None) -> Any:
        """What makes the model's input of pictures. Raises Misconfigured."""
        import transformers

        try:
            return transformers.AutoImageProcessor.from_pretrained(source or self.source)
        except Exception as error:
            raise self.load_refusal(error) from error


def silence_transformers() -> None:
    """No bars, and no word of torchvision, which isn't needed."""
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
