"""What the training stages share: how long they run, and the loop itself."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import torch
    from torch import nn

from providers.local.placement import cpu_has_bf16

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a stage trains and how fast it learns.

    steps: at most this many. seconds: likewise; the learning rate reaches zero at whichever end
    comes first. rate: the highest learning rate, after a short warm-up. average: the decay of the
    averaged weights that are kept in the end; 0 keeps the last ones.
    """

    steps: int
    seconds: float
    batch: int
    rate: float
    average: float = 0.0


WARM_UP = 0.02
"""The share of a stage in which the learning rate rises."""
REPORT_EVERY = 20.0
"""Seconds between two lines of the log."""
KEEP_EVERY = 240.0
"""Seconds between two calls of a checkpoint."""


def fit(
    name: str,
    network: "nn.Module",
    loss: Callable[[int], "torch.Tensor"],
    pace: Pace,
    checkpoint: Callable[["nn.Module"], None] | None = None,
) -> "nn.Module":
    """Train `network` in place on `loss(step)` and return the weights to keep.

    checkpoint: called now and then with these weights.
    In a group of processes (torch.distributed) all learn from the mean of their gradients, and
    only the first reports.
    """
    import torch

    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=pace.rate, weight_decay=0.01)
    average = Average(network, pace.average)
    network.train()
    with Progress(name, pace, is_first()) as progress:
        while progress.done < 1:
            for parameters in optimizer.param_groups:
                parameters["lr"] = pace.rate * schedule(progress.done)
            value = loss(progress.step)
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            elapsed = _shared(learning, progress.clock())
            torch.nn.utils.clip_grad_norm_(learning, 1.0)
            optimizer.step()
            average.update(progress.step)
            progress.advance(value.item(), elapsed)
            if checkpoint and progress.time_to_keep():
                checkpoint(average.network)
    return average.network.eval()


def computing_fast() -> "torch.autocast":
    """In bfloat16 where the processor multiplies it; elsewhere that is many times slower."""
    import torch

    return torch.autocast("cpu", torch.bfloat16, enabled=cpu_has_bf16())


def schedule(done: float) -> float:
    """The learning rate's share of its maximum: a rise, then half a cosine to zero."""
    if done < WARM_UP:
        return 0.05 + 0.95 * done / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))


class Progress:
    """How far a stage is: `done` goes from 0 to 1. Shows and logs it, if `shown`."""

    def __init__(self, name: str, pace: Pace, shown: bool) -> None:
        self._name, self._pace, self._shown = name, pace, shown
        self._start = time.monotonic()
        self._reported = self._kept = self._elapsed = self._loss = 0.0
        self.step, self.done = 0, 0.0

    def __enter__(self) -> Self:
        from tqdm import tqdm

        form = "{desc} {percentage:3.0f}%|{bar}| {elapsed}{postfix}"
        self._bar = tqdm(
            total=1.0, desc=self._name, bar_format=form, mininterval=2, disable=not self._shown
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()
        self._log()

    def clock(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def advance(self, loss: float, elapsed: float) -> None:
        self.step += 1
        self._elapsed = elapsed
        self._loss = loss if self.step == 1 else 0.98 * self._loss + 0.02 * loss
        self.done = min(1.0, max(self.step / self._pace.steps, elapsed / self._pace.seconds))
        self._bar.set_postfix(step=self.step, loss=f"{self._loss:.4f}", refresh=False)
        self._bar.update(self.done - self._bar.n)
        if elapsed - self._reported > REPORT_EVERY:
            self._reported = elapsed
            self._log()

    def time_to_keep(self) -> bool:
        due = self._shown and self._elapsed - self._kept > KEEP_EVERY
        if due:
            self._kept = self._elapsed
        return due

    def _log(self) -> None:
        if self._shown:
            logger.info(
                "%s: %.0f s, %d steps, loss %.4f", self._name, self._elapsed, self.step, self._loss
            )


def is_first() -> bool:
    """Is this the only process of the stage, or the first of a group?"""
    import torch

    return not torch.distributed.is_initialized() or torch.distributed.get_rank() == 0


def _shared(learning: list["nn.Parameter"], elapsed: float) -> float:
    """Average the gradients, and the time so far, over the group of processes."""
    import torch

    if not torch.distributed.is_initialized():
        return elapsed
    gradients = [parameter.grad for parameter in learning if parameter.grad is not None]
    flat = torch.cat([*(gradient.flatten() for gradient in gradients), torch.tensor([elapsed])])
    torch.distributed.all_reduce(flat)
    flat /= torch.distributed.get_world_size()
    parts = flat.split([*(gradient.numel() for gradient in gradients), 1])
    for gradient, part in zip(gradients, parts, strict=False):
        gradient.copy_(part.view_as(gradient))
    return float(flat[-1])


class Average:
    """A running mean of a network's weights; the network itself where `decay` is 0."""

    def __init__(self, network: "nn.Module", decay: float) -> None:
        import copy

        self._trained = network
        self._decay = decay
        self.network = copy.deepcopy(network).eval() if decay else network

    def update(self, step: int) -> None:
        import torch

        if not self._decay:
            return
        decay = min(self._decay, (1 + step) / (10 + step))
        with torch.no_grad():
            kept, new = list(self.network.parameters()), list(self._trained.parameters())
            torch._foreach_lerp_(kept, new, 1 - decay)
