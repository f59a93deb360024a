"""A painter without torch for the pipeline's process; prompts tell it what to do.

    hang        goes on until nobody wants the picture any more
    until NAME  goes on until a file NAME is in the cache folder
    stuck       goes on for ever, whatever it is told
    die         the process is killed, as by the machine when memory is short
    fault       the accelerator fails
    big         only one fits into memory at once;  huge: not even one
    bad         an error that tells the prompt
    refused     no pipeline takes such a request
    mark        a blocked picture;  nude: one that may be shown where the group wants it
    else        a picture of one colour, which tells the seed

What it draws at once it notes in the file `batches` of that folder, a line a call.
"""

import logging
import os
import signal
import threading
from collections.abc import Sequence

from PIL import Image

from providers.errors import InvalidRequest, Misconfigured, Unavailable
from providers.local.batch import Drawn, Item, Watcher
from providers.local.config import PipelineConfig
from providers.local.painter import PipelineFacts
from providers.types import (
    UNCHECKED,
    GenerationRequest,
    Note,
    NoteKind,
    Verdict,
    VerdictStatus,
)

VERDICTS = {
    "mark": Verdict(VerdictStatus.BLOCKED, "image", "fake", ("nsfw",)),
    "nude": Verdict(VerdictStatus.BLOCKED, "image", "fake", ("nsfw",), sensitive=True),
}
STEPS = 4
PACE = 0.005  # seconds a step of what goes on

logger = logging.getLogger("fake.painter")


class FakePainter:
    def __init__(self, config: PipelineConfig, at_once: int) -> None:
        self._folder = config.cache_dir
        self.facts = PipelineFacts(
            model="fake", device="cpu", dtype="float32", at_once=at_once, process_id=os.getpid()
        )

    def draw(self, items: Sequence[Item], watcher: Watcher) -> list[Drawn | None]:
        requests = [item.request for item in items]
        total = requests[0].num_inference_steps or STEPS
        gone = set(watcher.step(1, total))
        with (self._folder / "batches").open("a") as file:
            file.write(" + ".join(request.prompt for request in requests) + "\n")
        for request in requests:
            obey(request.prompt, len(items))
        while any(self._goes_on(request) for p, request in enumerate(requests) if p not in gone):
            threading.Event().wait(PACE)
            if watcher.wants_preview():
                watcher.preview({p: picture(item) for p, item in enumerate(items) if p not in gone})
            gone |= watcher.step(1, total)
        for step in range(2, total + 1):
            gone |= watcher.step(step, total)
        return [None if p in gone else drawn(item) for p, item in enumerate(items)]

    def _goes_on(self, request: GenerationRequest) -> bool:
        word, _, name = request.prompt.partition(" ")
        return word == "hang" or (word == "until" and not (self._folder / name).exists())


def obey(prompt: str, company: int) -> None:
    match prompt:
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stuck":
            threading.Event().wait()
        case "fault":
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        case "big" if company > 1:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        case "huge":
            raise MemoryError
        case "bad":
            logger.warning("something to look at")
            raise ValueError(f"can't draw {prompt}, a secret")
        case "refused":
            raise InvalidRequest("local", "a picture that can't be read")


def drawn(item: Item) -> Drawn:
    verdict = VERDICTS.get(item.request.prompt, UNCHECKED)
    return Drawn(picture(item), verdict, (Note(NoteKind.DEMO_MODEL, "fake"),))


def picture(item: Item) -> Image.Image:
    size = (item.request.width, item.request.height)
    return Image.new("RGB", size, (item.seed % 256, 0, 0))


def load_painter(config: PipelineConfig, *, measure: bool) -> FakePainter:
    return FakePainter(config, at_once=4)


def load_nothing(config: PipelineConfig, *, measure: bool) -> FakePainter:
    raise Unavailable("local", f"{config.model}: no weights")


def load_on_no_device(config: PipelineConfig, *, measure: bool) -> FakePainter:
    raise Misconfigured("local", "no such device", option="device")


def load_at_last(config: PipelineConfig, *, measure: bool) -> FakePainter:
    """Fails until there is a file `weights`."""
    if (config.cache_dir / "weights").exists():
        return load_painter(config, measure=measure)
    return load_nothing(config, measure=measure)


def load_for_ever(config: PipelineConfig, *, measure: bool) -> FakePainter:
    """Says in a file `loading` that it has begun."""
    (config.cache_dir / "loading").write_text(str(os.getpid()))
    threading.Event().wait()
    return load_painter(config, measure=measure)


def die_measuring(config: PipelineConfig, *, measure: bool) -> FakePainter:
    if measure:
        os.kill(os.getpid(), signal.SIGKILL)
    return FakePainter(config, at_once=1)
