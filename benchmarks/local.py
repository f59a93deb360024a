"""Pictures per second for eight waiting users: the local provider against a plain diffusers loop.

    python -m benchmarks.local [--cases demo,medium,medium-bf16,full] [--users 8] [--rounds 3]

The baseline calls diffusers' prior and decoder for one picture after the other, in this process, with
torch's own number of threads. Ours is `LocalProvider` as the bot uses it: its own process, batches
of the size it measured, pictures sent back as PNG. Both draw the same prompts with the same seeds in
turns, and the pictures are compared. Every round has new prompts, so that no embedding is
remembered; the second figure of ours is for a round of the same prompts with other steps to draw,
as after "again". Cases:

    demo         the model in the tree, 12 steps (launch-bound, like a large GPU at small sizes)
    medium       a random Kandinsky 2.2 with a UNet of 109M, 256 px, 6 steps, float32
    medium-bf16  the same in bfloat16, against the baseline in float32
    full         Kandinsky 2.2's own size in random weights at 512 and 768 px, 50 steps: needs a GPU
"""

import argparse
import asyncio
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from PIL import Image, ImageChops

from benchmarks import random_kandinsky
from providers.clock import SystemClock
from providers.local.config import PipelineConfig
from providers.local.images import canvas_among, canvas_for
from providers.local.loader import DEMO_FOLDER
from providers.local.prior import generator_for
from providers.local.provider import LocalProvider
from providers.types import GenerationRequest

NEVER = math.inf
PEAK_TFLOPS = {"H100": 989.0, "H200": 989.0, "A100": 312.0}
"""Dense bf16 matrix peak, from the makers' data sheets."""

PICTURE_TFLOP = {512: 97.0, 768: 213.0}
"""One picture of Kandinsky 2.2 in 50 steps and 25 of the prior, counted on meta tensors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """model: what LOCAL_MODEL says. folder: where the baseline loads it from."""

    name: str
    model: str
    folder: Path
    dtype: str
    baseline_dtype: str
    size: int
    steps: int
    prior_steps: int
    guidance: float = 4.0
    prior_guidance: float = 4.0

    def request(self, number: int) -> GenerationRequest:
        return GenerationRequest(
            prompt=f"a red star over hills at night, number {number}",
            width=self.size,
            height=self.size,
            seed=number,
            num_inference_steps=self.steps,
            prior_num_inference_steps=self.prior_steps,
            guidance_scale=self.guidance,
            prior_guidance_scale=self.prior_guidance,
        )


class Plain:
    """What diffusers' documentation shows, with one generator for the prior and one for the decoder."""

    def __init__(self, case: Case, device: str) -> None:
        for library in (diffusers.utils.logging, transformers.utils.logging):
            library.disable_progress_bar()
        dtype = getattr(torch, case.baseline_dtype)
        pipe = diffusers.AutoPipelineForText2Image.from_pretrained(case.folder, dtype=dtype)
        pipe.to(device).set_progress_bar_config(disable=True)
        self._prior, self._decoder = pipe.prior_pipe, pipe.decoder_pipe
        for part in (self._prior, self._decoder):
            part.set_progress_bar_config(disable=True)

    def draw(self, request: GenerationRequest, canvas: tuple[int, int]) -> Image.Image:
        assert request.seed is not None  # noqa: S101 - `Case.request` sets it
        embeds, negative = self._prior(
            request.prompt,
            num_inference_steps=request.prior_num_inference_steps,
            guidance_scale=request.prior_guidance_scale,
            generator=generator_for(request.seed),
            return_dict=False,
        )
        decoded = self._decoder(
            image_embeds=embeds,
            negative_image_embeds=negative,
            width=canvas[0],
            height=canvas[1],
            num_inference_steps=request.num_inference_steps,
            guidance_scale=request.guidance_scale,
            generator=torch.Generator().manual_seed(request.seed),
        )
        image: Image.Image = decoded.images[0]
        return image


@dataclass(slots=True)
class Tally:
    pictures: int = 0
    seconds: float = 0.0

    @contextmanager
    def timed(self, pictures: int) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - began
        self.pictures += pictures

    @property
    def rate(self) -> float:
        return self.pictures / self.seconds


async def serve(
    provider: LocalProvider, requests: Sequence[GenerationRequest]
) -> list[Image.Image]:
    """Everybody asks at once and waits."""
    (offer,) = await provider.offers()

    async def user(request: GenerationRequest) -> Image.Image:
        ticket = await provider.submit(request, offer, deadline=NEVER)
        result = await provider.wait(ticket, deadline=NEVER, on_progress=lambda _: None)
        return Image.open(BytesIO(result.images[0].data))

    return await asyncio.gather(*map(user, requests))


def worst(ours: Sequence[Image.Image], theirs: Sequence[Image.Image]) -> float:
    """The largest difference of any pixel, of 1."""
    extrema = [ImageChops.difference(a, b).getextrema() for a, b in zip(ours, theirs, strict=True)]
    return max(high for bands in extrema for _, high in bands) / 255


async def measure(case: Case, users: int, rounds: int, device: str, cache: Path) -> None:
    config = PipelineConfig(model=case.model, dtype=case.dtype, device=device, cache_dir=cache)
    provider = LocalProvider(config, clock=SystemClock())
    ours, again, plain, difference = Tally(), Tally(), Tally(), 0.0
    try:
        await provider.start()
        baseline = await asyncio.to_thread(Plain, case, device)
        asked = (case.size, case.size)
        family_canvases = ((128, 128),) if case.model == "demo" else ()
        canvas = canvas_among(family_canvases, asked) if family_canvases else canvas_for(asked)
        await serve(provider, [case.request(0)])
        await asyncio.to_thread(baseline.draw, case.request(0), canvas.size)
        for turn in range(rounds):
            requests = [case.request(1 + turn * users + user) for user in range(users)]
            with ours.timed(users):
                made = await serve(provider, requests)
            with plain.timed(users):
                drawn = [
                    await asyncio.to_thread(baseline.draw, one, canvas.size) for one in requests
                ]
            difference = max(difference, worst(made, [canvas.finish(one) for one in drawn]))
            with again.timed(users):
                await serve(provider, [_again(one) for one in requests])
        facts = provider.facts
    finally:
        await provider.aclose()
    at_once = facts.at_once if facts else 0
    print(
        f"| {case.name} | {plain.rate:.2f} | {ours.rate:.2f} | {ours.rate / plain.rate:.2f} "
        f"| {again.rate / plain.rate:.2f} | {at_once} | {difference:.4f} | {peak(case, ours)} |",
        flush=True,
    )


def _again(request: GenerationRequest) -> GenerationRequest:
    """The same words and seed in another mood: the embeddings are remembered, the picture is new."""
    return request.model_copy(update={"guidance_scale": (request.guidance_scale or 4.0) + 0.5})


def peak(case: Case, ours: Tally) -> str:
    """The share of the GPU's matrix peak that the pictures' own arithmetic makes."""
    if not torch.cuda.is_available() or case.size not in PICTURE_TFLOP:
        return "-"
    name = torch.cuda.get_device_name()
    known = next((tflops for part, tflops in PEAK_TFLOPS.items() if part in name), None)
    return f"{ours.rate * PICTURE_TFLOP[case.size] / known:.0%}" if known else "-"


def cases(names: Sequence[str], folder: Path) -> Iterator[tuple[Case, str]]:
    """Each with the device to run on; random checkpoints are made as they are needed."""
    for name in names:
        match name:
            case "demo":
                yield _demo(), "cpu"
            case "medium" | "medium-bf16":
                yield _medium(name, folder), "cpu"
            case "full":
                for case in _full(folder):
                    yield case, "cuda"
            case _:
                raise SystemExit(f"no case {name}")


def _demo() -> Case:
    return Case(
        name="demo, 512 px from 128, 12 steps, fp32",
        model="demo",
        folder=DEMO_FOLDER,
        dtype="float32",
        baseline_dtype="float32",
        size=512,
        steps=12,
        prior_steps=5,
        guidance=3.0,
        prior_guidance=1.0,
    )


def _medium(name: str, folder: Path) -> Case:
    path = folder / "medium-kandinsky-2-2"
    if not path.exists():
        random_kandinsky.save(random_kandinsky.MEDIUM, path, _dtype("float32"))
    return Case(
        name=f"{name}, 256 px, 6 steps",
        model=str(path),
        folder=path,
        dtype="bfloat16" if name.endswith("bf16") else "float32",
        baseline_dtype="float32",
        size=256,
        steps=6,
        prior_steps=3,
    )


def _full(folder: Path) -> Iterator[Case]:
    path = folder / "full-kandinsky-2-2"
    if not path.exists():
        random_kandinsky.save(random_kandinsky.FULL, path, _dtype("float16"))
    first = Case(
        name="full, 512 px, 50 steps, fp16",
        model=str(path),
        folder=path,
        dtype="float16",
        baseline_dtype="float16",
        size=512,
        steps=50,
        prior_steps=25,
    )
    yield first
    yield replace(first, name="full, 768 px, 50 steps, fp16", size=768)


def _dtype(name: str) -> Any:
    return getattr(torch, name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", default="demo,medium,medium-bf16")
    parser.add_argument("--users", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(
        "| case | plain, pictures/s | ours | ratio | ratio, prompts seen before | at once "
        "| largest difference | of the matrix peak |\n|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case, device in cases(options.cases.split(","), folder):
            asyncio.run(measure(case, options.users, options.rounds, device, folder))


if __name__ == "__main__":
    main()
