"""The samplers a request may name, and what the loops here need of them."""

import copy
import re
from collections.abc import Sequence
from typing import Any

from providers.errors import InvalidRequest

CLASSES = {
    "ddpm": "DDPMScheduler",
    "ddim": "DDIMScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
}
"""Those that draw with Kandinsky's decoder: Euler's samplers would need the latents scaled before
each step, which its loop doesn't do, and UniPC and PNDM take no generator."""

ALIASES = {
    "dpmsolver": "dpm++",
    "dpmsolver++": "dpm++",
    "dpmsolvermultistep": "dpm++",
    "dpm++2m": "dpm++",
}


def scheduler_key(name: str) -> str:
    """The sampler's name in CLASSES. Raises InvalidRequest for any other."""
    key = re.sub(r"[\s_-]+|scheduler$", "", name.strip().lower())
    key = ALIASES.get(key, key)
    if key not in CLASSES:
        detail = f"scheduler {name[:40]!r}: not one of {', '.join(CLASSES)}"
        raise InvalidRequest("local", detail, fields=("scheduler",))
    return key


def scheduler_for(own: Any, name: str | None) -> Any:
    """A scheduler of one's own for one call: the checkpoint's, or the named one set up like it.

    Schedulers keep state while they run, so no two calls may share one. Raises InvalidRequest.
    """
    if name is None:
        return copy.deepcopy(own)
    import diffusers

    wanted = getattr(diffusers, CLASSES[scheduler_key(name)])
    if isinstance(own, wanted):
        return copy.deepcopy(own)
    if "flow" in type(own).__name__.lower():
        detail = f"scheduler {name[:40]!r}: this model has a sampler of its own kind"
        raise InvalidRequest("local", detail, fields=("scheduler",))
    # DDIM and DPM++ would slice off the variance that a learned one expects, or choke on it.
    kept = {key: value for key, value in own.config.items() if key != "variance_type"}
    return wanted.from_config(kept)


def reads_variance(scheduler: Any) -> bool:
    """Whether its steps want the variance that the network predicts beside the noise."""
    return getattr(scheduler.config, "variance_type", None) in {"learned", "learned_range"}


def clean_latents(scheduler: Any, step: Any, latents: Any) -> Any:
    """What the finished latents look like from here, as well as the scheduler tells."""
    if (clean := getattr(step, "pred_original_sample", None)) is not None:
        return clean
    history = getattr(scheduler, "model_outputs", None)
    data_prediction = getattr(scheduler.config, "algorithm_type", None) == "dpmsolver++"
    return history[-1] if history and data_prediction else latents


def keep_rows(scheduler: Any, rows: Sequence[int]) -> None:
    """Forget the dropped pictures in what a multistep scheduler remembers of earlier steps."""
    history = getattr(scheduler, "model_outputs", None)
    if history is not None:
        scheduler.model_outputs = [None if past is None else past[list(rows)] for past in history]


def steps_to_run(steps: int, strength: float) -> int:
    """How many of `steps` a picture is put through at this strength: one at least."""
    return min(steps, max(1, int(steps * strength + 1e-6)))
