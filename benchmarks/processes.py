"""What processes use of the machine, by the kernel's own books."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Used:
    """seconds: of a clock. cpu: seconds of a core. wakes: times the kernel woke a thread of it."""

    seconds: float
    cpu: float
    wakes: int

    def __sub__(self, before: "Used") -> "Used":
        return Used(self.seconds - before.seconds, self.cpu - before.cpu, self.wakes - before.wakes)

    @property
    def cores(self) -> float:
        return self.cpu / self.seconds

    @property
    def wakes_a_second(self) -> float:
        return self.wakes / self.seconds


def used(*pids: int) -> Used:
    """By these processes so far; those that have ended count for nothing."""
    cpu, wakes = 0.0, 0
    for pid in pids:
        try:
            process = psutil.Process(pid)
            times = process.cpu_times()
            cpu += times.user + times.system
            wakes += _wakes(pid)
        except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            continue
    return Used(time.monotonic(), cpu, wakes)


def _wakes(pid: int) -> int:
    """Voluntary switches of all its threads: each is a sleep that was ended."""
    total = 0
    for thread in psutil.Process(pid).threads():
        with open(f"/proc/{pid}/task/{thread.id}/status") as lines:  # noqa: PTH123 - of the kernel's
            total += next(int(line.split()[1]) for line in lines if line.startswith("voluntary"))
    return total


def busy() -> float:
    """Seconds that all cores together have worked since the machine's start, for whomever."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - times.iowait


def backends(database: str) -> Iterator[int]:
    """PostgreSQL's processes for this database, where its server is on this machine."""
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and database in " ".join(process.info["cmdline"]):
            yield process.pid


CORES = os.cpu_count() or 1
