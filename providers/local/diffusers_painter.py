"""The painter that is used: a diffusers pipeline. Imports torch when it loads."""

import logging
import os
import threading
from collections.abc import Sequence

from providers.local.batch import Drawn, Item, Watcher
from providers.local.companions import load_companions
from providers.local.config import PipelineConfig
from providers.local.families import offer_of
from providers.local.loader import load
from providers.local.painter import PipelineFacts
from providers.local.pipeline import Pipeline
from providers.local.tuning import BatchSizes, best_batch_size
from providers.local.watcher import Unwatched
from providers.types import GenerationRequest

TRIAL_STEPS = 5
"""With fewer, decoding the picture would outweigh what it is about."""


def load_painter(config: PipelineConfig, *, measure: bool) -> "DiffusersPainter":
    """See PainterLoader."""
    _keep_progress_bars_to_this_process()
    beside = load_companions(config)
    pipeline = load(config, checker=beside.checker, depth_estimator=beside.depth_model)
    painter = DiffusersPainter(pipeline, checks_pictures=beside.checker is not None)
    _log_like_everyone()
    painter.at_once = _at_once(painter, config, measure=measure)
    return painter


class DiffusersPainter:
    def __init__(self, pipeline: Pipeline, *, checks_pictures: bool) -> None:
        self._pipeline = pipeline
        self._checks_pictures = checks_pictures
        self.at_once = 1

    @property
    def facts(self) -> PipelineFacts:
        facts, family = self._pipeline.facts(), self._pipeline.family
        return PipelineFacts(
            model=family.model,
            device=facts.device,
            dtype=facts.dtype,
            offload=facts.offload,
            at_once=self.at_once,
            peak_memory=facts.peak_memory,
            checks_pictures=self._checks_pictures,
            offer=offer_of(family, remote_name=family.model, modes=self._pipeline.modes),
            process_id=os.getpid(),
        )

    def draw(self, items: Sequence[Item], watcher: Watcher) -> list[Drawn | None]:
        return self._pipeline.draw(items, watcher)

    def draw_trial(self, count: int) -> None:
        """Draw `count` pictures as one would for users, in few steps."""
        width, height = self._pipeline.family.sizes.default
        request = GenerationRequest(
            prompt="a lighthouse",
            width=width,
            height=height,
            num_inference_steps=TRIAL_STEPS,
            prior_num_inference_steps=TRIAL_STEPS,
        )
        self.draw([Item(request, seed) for seed in range(count)], Unwatched())


def _keep_progress_bars_to_this_process() -> None:
    """By default they hold a semaphore of the system's, and a killed process leaves it behind."""
    from tqdm import tqdm

    tqdm.set_lock(threading.RLock())


def _log_like_everyone() -> None:
    """These two write to stderr by themselves; their errors belong into the bot's log."""
    for library in ("diffusers", "transformers"):
        logger = logging.getLogger(library)
        logger.handlers.clear()
        logger.propagate = True


def _at_once(painter: DiffusersPainter, config: PipelineConfig, *, measure: bool) -> int:
    known, conditions = BatchSizes(config.cache_dir), _conditions(config, painter.facts)
    if (size := known.get(conditions)) is not None:
        return size
    if not measure:
        return 1
    size = best_batch_size(painter.draw_trial)
    known.put(conditions, size)
    return size


def _conditions(config: PipelineConfig, facts: PipelineFacts) -> str:
    """Everything that the best batch size hangs on."""
    import torch

    on_cuda = facts.device.startswith("cuda")
    device = torch.cuda.get_device_name(facts.device) if on_cuda else facts.device
    threads = torch.get_num_threads()
    return (
        f"{config.model}, {facts.dtype} on {device}, torch {torch.__version__}, {threads} threads"
    )
