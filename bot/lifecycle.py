"""Running the parts together, and stopping them in order within ten seconds."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

EDGE_TIME = 2.0  # seconds for the updates in hand once stopping
WORKER_TIME = 8.0  # it keeps to less by itself, but for a database that is away
STOP_TIME = 9.0  # and for all of it; what is left of them is for the last results and answers

Aside = Callable[[], Coroutine[Any, Any, None]]


class Component(Protocol):
    """Something that runs until told to stop."""

    def stop(self) -> None: ...

    async def run(self) -> None: ...


@dataclass(slots=True)
class App:
    """The running parts, in the order in which they are stopped.

    beside: what is done once after the start, while the parts run; dropped at a stop.
    """

    edge: Component
    worker: Component
    delivery: Component
    board: Component
    outbox: Component
    beside: Sequence[Aside] = ()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; then in order: take nothing new, finish or hand back, show what is done."""
        async with asyncio.TaskGroup() as group:
            asides = [group.create_task(work()) for work in self.beside]
            tasks = [group.create_task(part.run()) for part in self._parts()]
            stopping = group.create_task(stop.wait())
            await asyncio.wait({stopping, tasks[0]}, return_when=asyncio.FIRST_COMPLETED)
            for aside in (stopping, *asides):
                aside.cancel()
            end = asyncio.get_running_loop().time() + STOP_TIME
            for part, task in zip(self._parts(), tasks, strict=True):
                part.stop()
                await _wind_down(task, self._patience(part, end))

    def _patience(self, part: Component, end: float) -> float:
        """Seconds until a part is cut off; the worker has its own, so as to hand back."""
        if part is self.worker:
            return WORKER_TIME
        left = max(0.0, end - asyncio.get_running_loop().time())
        return min(left, EDGE_TIME) if part is self.edge else left

    def _parts(self) -> Sequence[Component]:
        return (self.edge, self.worker, self.delivery, self.board, self.outbox)


async def _wind_down(task: asyncio.Task[None], seconds: float) -> None:
    _, late = await asyncio.wait({task}, timeout=seconds)
    for unfinished in late:
        unfinished.cancel()
