"""A process of its own, since the heaps of one that has had threads stay."""

import subprocess
import sys

import pytest

THREADS = """
import re, threading
from pathlib import Path
from bot.heap import share_heap

share_heap()
barrier = threading.Barrier(5)

def work():
    kept = [bytes(2000) for _ in range(100)]
    barrier.wait()
    barrier.wait()

for _ in range(4):
    threading.Thread(target=work).start()
barrier.wait()
sizes = [
    int(end, 16) - int(start, 16)
    for start, end in re.findall(r"^(\\w+)-(\\w+) ---p 00000000 00:00 0",
                                 Path("/proc/self/maps").read_text(), re.M)
]
barrier.wait()
print(sum(size > 50_000_000 for size in sizes))
"""
"""glibc reserves 64 MB of addresses for each heap of a thread."""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_threads_share_one_heap() -> None:
    made = subprocess.run(
        [sys.executable, "-c", THREADS], capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == "0"
