"""Trains the demo model from nothing: `python -m providers.local.demo.train --work FOLDER`.

Each stage leaves its results in the work folder and is skipped when they are there, so a broken
run goes on where it stopped. The finished checkpoint is `FOLDER/weights`.
"""

import argparse
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from providers.local.demo import (
    assemble,
    dataset,
    evaluate,
    judge,
    movq,
    patches,
    prior,
    text,
    unet,
    vision,
)
from providers.local.demo.training import Pace

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything."""

    drawings: int
    lessons: int
    captions: int
    exam: int
    processes: int
    decoder: Pace
    encoder: Pace
    text: Pace
    prior: Pace
    vision: Pace
    unet: Pace
    judge: Pace


PLAN = Plan(
    drawings=40_000,
    lessons=2_500,
    captions=40_000,
    exam=500,
    processes=2,
    decoder=Pace(3170, math.inf, 16, 1.2e-3, 0.995),
    encoder=Pace(213, math.inf, 16, 2e-3, 0.99),
    text=Pace(1360, math.inf, 128, 2e-3, 0.99),
    prior=Pace(675, math.inf, 128, 2e-3, 0.99),
    vision=Pace(813, math.inf, 96, 1.5e-3, 0.995),
    unet=Pace(9200, math.inf, 48, 1.5e-3, 0.998),
    judge=Pace(1820, math.inf, 64, 3e-3),
)
"""What the weights in the tree were made with."""
_GLIMPSE = Pace(2, math.inf, 4, 1e-3, 0.5)
SMOKE = Plan(60, 16, 300, 4, 1, *(_GLIMPSE,) * 7)
"""Every stage, and none of them long enough to learn anything."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """The stages, in their order. work: where the results lie."""

    work: Path
    plan: Plan

    def run(self) -> None:
        """Raises whatever a stage raises; the next run begins with that stage."""
        import torch

        torch.set_num_threads(self.plan.processes)
        self.work.mkdir(parents=True, exist_ok=True)
        stages: tuple[Callable[[], None], ...] = (
            self.drawings,
            self.latents,
            self.decoder,
            self.encoder,
            self.text,
            self.prior,
            self.vision,
            self.unet,
            self.judge,
            self.assemble,
            self.marks,
        )
        for stage in stages:
            done = self.work / f"{stage.__name__}.done"
            if done.exists():
                logger.info("%s: done before", stage.__name__)
                continue
            stage()
            done.touch()

    def drawings(self) -> None:
        dataset.draw_all(self._drawings, self.plan.drawings, processes=self.plan.processes)

    def latents(self) -> None:
        basis = patches.find_basis(self._drawings)
        basis.save(self.work / "basis.npz")
        patches.encode_drawings(basis, self._drawings, self.work)

    def decoder(self) -> None:
        trained = movq.train_decoder(movq.build(), self._basis, self._drawings, self.plan.decoder)
        trained.save_pretrained(self.work / "decoder")

    def encoder(self) -> None:
        import diffusers

        half = diffusers.VQModel.from_pretrained(self.work / "decoder")
        trained = movq.train_encoder(half, self._basis, self._drawings, self.plan.encoder)
        trained.save_pretrained(self.work / "movq")

    def text(self) -> None:
        tokenizer = text.train_tokenizer(self.plan.captions)
        text.save(self.work, tokenizer, text.train(tokenizer, self.plan.text))

    def prior(self) -> None:
        tokenizer, tower = text.load(self.work)
        prior.train(tokenizer, tower, self.plan.prior).save_pretrained(self.work / "prior_prior")

    def vision(self) -> None:
        tower = vision.train(self._drawings, self.plan.vision)
        tower.save_pretrained(self.work / "prior_image_encoder")

    def unet(self) -> None:
        unet.train_together(self._drawings, self.work, self.plan.unet, self.plan.processes)

    def judge(self) -> None:
        trained = judge.train(*judge.lessons(self._drawings, self.plan.lessons), self.plan.judge)
        judge.save(trained, self.work / "judge.safetensors")

    def assemble(self) -> None:
        assemble.assemble(self.work, self.work / "weights")

    def marks(self) -> None:
        pipe = evaluate.load_pipeline(self.work / "weights")
        measured = evaluate.measure(
            pipe, judge.load(self.work / "judge.safetensors"), self.plan.exam
        )
        (self.work / "marks.md").write_text(measured, "utf-8")
        logger.info("%s", measured)

    @property
    def _drawings(self) -> Path:
        return self.work / "drawings"

    @property
    def _basis(self) -> patches.Basis:
        return patches.load_basis(self.work / "basis.npz")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for all results")
    parser.add_argument("--smoke", action="store_true", help="run every stage, learn nothing")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    Workshop(options.work, SMOKE if options.smoke else PLAN).run()


if __name__ == "__main__":
    main()
