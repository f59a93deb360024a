"""Our own look at every picture before anybody sees it: a small classifier with local weights."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

from providers.local.companion import Companion, silence_transformers
from providers.local.labels import ALLOWED_VERDICT, Labels, UnknownLabels, blocked_for
from providers.types import UNCHECKED, Verdict

logger = logging.getLogger(__name__)

OPTION = "safety_model"
CONCEPT_CHECKER = "StableDiffusionSafetyChecker"
PREPROCESSOR = "preprocessor_config.json"
TRIAL_SIZE = (64, 64)

Judge = Callable[[Sequence[Image.Image]], list[Verdict]]
"""One verdict a picture, in their order; may raise anything."""


class PictureChecker:
    """Asks `judge` for all pictures at once, and one by one where that fails."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def check(self, images: Sequence[Image.Image]) -> list[Verdict]:
        """One verdict a picture, in their order. A picture that can't be judged is unchecked."""
        pictures = [image.convert("RGB") for image in images]
        if not pictures:
            return []
        try:
            return self._judge(pictures)
        except Exception:
            if len(pictures) == 1:
                logger.exception("a picture could not be checked")
                return [UNCHECKED]
        return [verdict for picture in pictures for verdict in self.check([picture])]


def check_safety_model(model: str) -> None:
    """Look at a folder without torch. Raises Misconfigured for what plainly can't check pictures."""
    companion = Companion(OPTION, model)
    config = companion.config()
    if config is not None and not _is_concept_checker(config):
        _labels(companion, config)


def load_checker(model: str, *, device: str = "cpu") -> PictureChecker:
    """Load a folder's or a hub id's classifier, or Stable Diffusion's safety checker.

    They are small: on a CPU they take tens of milliseconds a picture, and no memory of the GPU.
    Raises Misconfigured, its detail one line for the owner.
    """
    silence_transformers()
    companion = Companion(OPTION, model)
    load = _load_concepts if _is_concept_checker(_architecture(companion)) else _load_classifier
    judge = load(companion, device)
    try:
        judge([Image.new("RGB", TRIAL_SIZE)])
    except Exception as error:  # else every picture would be unchecked, for ever
        raise companion.load_refusal(error) from error
    return PictureChecker(judge)


def _architecture(companion: Companion) -> dict[str, Any]:
    import transformers

    config = companion.config()
    if config is not None:
        return config
    try:
        fetched, _ = transformers.PretrainedConfig.get_config_dict(companion.source)
    except Exception as error:
        raise companion.load_refusal(error) from error
    return dict(fetched)


def _is_concept_checker(config: dict[str, Any]) -> bool:
    return CONCEPT_CHECKER in (config.get("architectures") or ())


def _labels(companion: Companion, config: dict[str, Any]) -> Labels:
    try:
        return Labels.of(config)
    except UnknownLabels as error:
        raise companion.refusal(str(error)) from None


def _load_classifier(companion: Companion, device: str) -> Judge:
    import torch
    import transformers

    model = companion.load(transformers.AutoModelForImageClassification).to(device)
    labels = _labels(companion, model.config.to_dict())
    processor = companion.load_processor()

    def judge(images: Sequence[Image.Image]) -> list[Verdict]:
        with torch.inference_mode():
            logits = model(**processor(images=list(images), return_tensors="pt").to(device)).logits
            shares = logits.softmax(-1) if labels.exclusive else logits.sigmoid()
        return [labels.verdict(row) for row in shares.tolist()]

    return judge


def _load_concepts(companion: Companion, device: str) -> Judge:
    """Stable Diffusion's own: likeness to 17 fixed concepts, each with its threshold."""
    import diffusers
    import torch
    from diffusers.pipelines.stable_diffusion import safety_checker

    diffusers.utils.logging.set_verbosity_error()  # it would warn of each picture it blocks
    model = companion.load(safety_checker.StableDiffusionSafetyChecker).to(device)
    processor = companion.load_processor(_processor_beside(companion))

    def judge(images: Sequence[Image.Image]) -> list[Verdict]:
        inputs = processor(images=list(images), return_tensors="pt").to(device)
        # It blackens the pictures it blocks; ours are dropped anyway, so it gets empty ones.
        nothing = [torch.empty(0)] * len(images)
        _, flags = model(clip_input=inputs.pixel_values, images=nothing)
        return [blocked_for("nsfw", sensitive=True) if flag else ALLOWED_VERDICT for flag in flags]

    return judge


def _processor_beside(companion: Companion) -> str | None:
    """Inside a Stable Diffusion checkpoint the preprocessor lies in the folder next to it."""
    beside = companion.folder and companion.folder.parent / "feature_extractor"
    is_beside = not companion.has(PREPROCESSOR) and beside and (beside / PREPROCESSOR).is_file()
    return str(beside) if is_beside else None
