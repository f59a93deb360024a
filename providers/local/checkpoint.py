"""Where a model is and what it says about itself, read without torch and without its weights."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from providers.catalog import Offer
from providers.errors import Unavailable
from providers.local.config import PipelineConfig
from providers.local.families import (
    DEMO_FAMILY,
    Family,
    family_by_name,
    family_by_pipeline,
    offer_of,
    unknown_family,
)
from providers.local.layouts import Layout, check_parts, layout_of, unet_config
from providers.types import Mode

DEMO_MODEL = "demo"
LIBRARIES = ("torch", "diffusers", "transformers")
INPAINT_CHANNELS = 9


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """model: what the owner named: `demo`, a folder, or a hub id such as `owner/name`."""

    model: str

    @property
    def is_demo(self) -> bool:
        return self.model == DEMO_MODEL

    @property
    def folder(self) -> Path | None:
        """The model's folder; None for the demo model and for a hub id."""
        path = Path(self.model).expanduser()
        looks_local = path.is_absolute() or self.model.startswith((".", "~"))
        return path if not self.is_demo and (looks_local or path.exists()) else None

    def layout(self) -> Layout | None:
        """Where its parts are; None for a hub id and for the demo model.

        Raises Unavailable where the folder holds no pipeline.
        """
        return layout_of(self.folder) if self.folder is not None else None

    def family(self) -> Family:
        """Its family. Raises Unavailable where the model is a folder that holds no pipeline."""
        if self.is_demo:
            return DEMO_FAMILY
        named = family_by_name(Path(self.model).name)
        layout = self.layout()
        if layout is None:
            return named or unknown_family(self.model)
        of_class = family_by_pipeline(layout.index["_class_name"])
        # Models of one class may differ (FLUX dev and schnell): then the folder's name decides.
        if of_class and named and named.model.startswith(of_class.model.partition("-")[0]):
            return named
        return of_class or unknown_family(Path(self.model).resolve().name)

    def modes(self, *, depth: bool) -> frozenset[Mode]:
        """What it can draw. depth: with a network for depth-guided drawing. Raises Unavailable."""
        layout, family = self.layout(), self.family()
        if family.model == "kandinsky-2.2" and _made_for_inpainting(self.model, layout):
            return frozenset({Mode.INPAINTING})
        return (
            family.modes | {Mode.DEPTH_GUIDED}
            if depth and Mode.BLENDING in family.modes
            else family.modes
        )

    def check(self) -> None:
        """Raise Unavailable, with one line that says why, where it plainly can't be loaded."""
        missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
        if missing:
            raise Unavailable(
                "local", f"{', '.join(missing)} not installed: pip install '.[local]'"
            )
        if (layout := self.layout()) is not None:
            layout.check()


def check_config(config: PipelineConfig) -> None:
    """Raise Unavailable, with one line, where a model plainly can't be loaded."""
    Checkpoint(config.model).check()
    if config.controlnet is not None and (folder := Checkpoint(config.controlnet).folder):
        check_parts(folder)
        if unet_config(folder).get("addition_embed_type") != "image_hint":
            raise Unavailable("local", f"{folder}: takes no hint, so no ControlNet")


def _made_for_inpainting(model: str, layout: Layout | None) -> bool:
    """By its channels; by its name where it is still on the hub."""
    if layout is None:
        return model.endswith("-inpaint")
    return unet_config(layout.whole).get("in_channels") == INPAINT_CHANNELS


def offer_for(config: PipelineConfig) -> Offer:
    """What the local model can do, found out without torch. Raises Unavailable."""
    checkpoint = Checkpoint(config.model)
    family = checkpoint.family()
    modes = checkpoint.modes(depth=config.controlnet is not None)
    return offer_of(family, remote_name=family.model, modes=modes)
