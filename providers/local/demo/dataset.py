"""Stage 1: the drawings to learn from, on disk, one array of pictures for each size."""

import json
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from providers.local.demo.drawing.layout import Spot
from providers.local.demo.drawing.picture import draw, draw_with_spots
from providers.local.demo.scene import Scene, random_scene

SHAPES: dict[tuple[int, int], float] = {
    (128, 128): 0.55,
    (192, 128): 0.13,
    (128, 192): 0.13,
    (256, 128): 0.095,
    (128, 256): 0.095,
}
"""(width, height) in pixels, and each size's share of the pictures."""
CELL = 8
"""Pixels of a picture to one of its latents, on each axis."""
SEED = 2022
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Drawings:
    """Pictures of one size, uint8 (count, height, width, 3), and the scene of each.

    focus: bool (count, height / CELL, width / CELL), true where an object is.
    """

    pictures: NDArray[np.uint8]
    focus: NDArray[np.bool_]
    scenes: list[Scene]


def draw_all(folder: Path, count: int, *, processes: int = 2) -> None:
    """Draw `count` pictures in all into `folder`; the same ones each time."""
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(processes) as pool:
        for (width, height), share in SHAPES.items():
            sizes = _chunks(round(count * share))
            seeds = [f"{SEED}-{width}x{height}-{n}" for n in range(len(sizes))]
            pictures = np.lib.format.open_memmap(
                _file(folder, width, height),
                mode="w+",
                dtype=np.uint8,
                shape=(sum(sizes), height, width, 3),
            )
            scenes: list[Scene] = []
            focus: list[NDArray[np.bool_]] = []
            jobs = pool.map(_draw_chunk, seeds, sizes, [width] * len(seeds), [height] * len(seeds))
            for drawn in jobs:
                pictures[len(scenes) : len(scenes) + len(drawn.scenes)] = drawn.pictures
                scenes += drawn.scenes
                focus.append(drawn.focus)
            pictures.flush()
            np.save(_focus_file(folder, width, height), np.concatenate(focus))
            listing = json.dumps([asdict(scene) for scene in scenes])
            _file(folder, width, height).with_suffix(".json").write_text(listing, "utf-8")


def load(folder: Path, width: int, height: int) -> Drawings:
    """The pictures stay on disk until they are read."""
    path = _file(folder, width, height)
    scenes = json.loads(path.with_suffix(".json").read_text("utf-8"))
    return Drawings(
        np.load(path, mmap_mode="r"),
        np.load(_focus_file(folder, width, height)),
        [Scene(**scene) for scene in scenes],
    )


def draw_some(
    seed: str, count: int, width: int = 128, height: int = 128, *, held_out: bool = False
) -> tuple[NDArray[np.uint8], list[Scene]]:
    """Fresh pictures, (count, height, width, 3)."""
    rng = random.Random(seed)
    scenes = [random_scene(rng, held_out=held_out) for _ in range(count)]
    return np.stack([draw(scene, width, height, rng) for scene in scenes]), scenes


def _draw_chunk(seed: str, count: int, width: int, height: int) -> Drawings:
    rng = random.Random(seed)
    scenes = [random_scene(rng) for _ in range(count)]
    drawn = [draw_with_spots(scene, width, height, rng) for scene in scenes]
    focus = [_cells(spots, width, height) for _, spots in drawn]
    return Drawings(np.stack([picture for picture, _ in drawn]), np.stack(focus), scenes)


def _cells(spots: list[Spot], width: int, height: int) -> NDArray[np.bool_]:
    """True in the cells that one of the objects touches."""
    rows, columns = (np.arange(0, side, CELL) + CELL / 2 for side in (height, width))
    touched = np.zeros((len(rows), len(columns)), np.bool_)
    for spot in spots:
        reach = spot.radius + CELL / 2
        near_x = np.abs(columns - spot.centre[0]) < reach
        touched |= np.outer(np.abs(rows - spot.centre[1]) < reach, near_x)
    return touched


def _chunks(count: int) -> list[int]:
    return [min(CHUNK, count - start) for start in range(0, count, CHUNK)]


def _file(folder: Path, width: int, height: int) -> Path:
    return folder / f"pictures-{width}x{height}.npy"


def _focus_file(folder: Path, width: int, height: int) -> Path:
    return folder / f"focus-{width}x{height}.npy"
