"""What a picture costs to put and to get: in a folder (the baseline), and in a bucket on loopback.

    python -m benchmarks.blobs [--pictures 200] [--bytes 1000000]

The bucket is that of moto's server, a process of its own in Python: its time is no measure of other
stores. Our own CPU time is. The stores take turns picture by picture.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable
from pathlib import Path
from typing import TypeVar

from storage.base import BlobStore
from storage.blobs import FileBlobs
from tests.storage.s3_server import s3_server

T = TypeVar("T")
Taken = dict[str, list[tuple[float, float]]]


async def timed(into: list[tuple[float, float]], work: Awaitable[T]) -> T:
    """Notes its milliseconds, and those of this process's CPU."""
    began, cpu = time.perf_counter(), time.process_time()
    result = await work
    into.append(((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000))
    return result


async def measure(stores: dict[str, BlobStore], pictures: int, size: int) -> dict[str, Taken]:
    taken: dict[str, Taken] = {"put": defaultdict(list), "get": defaultdict(list)}
    for _ in range(pictures):
        data = os.urandom(size)
        for name, blobs in stores.items():
            key = await timed(taken["put"][name], blobs.put(data))
            await timed(taken["get"][name], blobs.get(key))
    return taken


def show(taken: dict[str, Taken]) -> None:
    print("| | folder, ms | bucket, ms | ratio | folder, CPU ms | bucket, CPU ms | ratio |")
    print("|---|---|---|---|---|---|---|")
    for step, by_store in taken.items():
        folder, bucket = (
            [statistics.median(column) for column in zip(*by_store[name], strict=True)]
            for name in ("folder", "bucket")
        )
        cells = [
            cell
            for ours, theirs in zip(folder, bucket, strict=True)
            for cell in (f"{ours:.1f}", f"{theirs:.1f}", f"{theirs / ours:.1f}")
        ]
        print(f"| {step} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--bytes", type=int, default=1_000_000)
    options = parser.parse_args()
    with s3_server() as server, tempfile.TemporaryDirectory() as folder:
        stores = {"folder": FileBlobs(Path(folder)), "bucket": server.blobs()}
        show(asyncio.run(measure(stores, options.pictures, options.bytes)))


if __name__ == "__main__":
    main()
