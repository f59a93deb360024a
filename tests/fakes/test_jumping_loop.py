"""Time that jumps: waiting takes none of ours, work none of its own."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.fakes.jumping_loop import JumpingLoop, counted


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> tuple[Any, float]:
    """What it returned, and the seconds it took on the loop's clock."""
    loop = JumpingLoop()
    try:
        return loop.run_until_complete(work()), loop.time()
    finally:
        loop.close()


def test_a_day_of_sleep_is_over_at_once() -> None:
    begun = time.monotonic()
    _, took = run(lambda: asyncio.sleep(86400))
    assert took == pytest.approx(86400)
    assert time.monotonic() - begun < 5


def test_sleepers_wake_in_order() -> None:
    woken: list[int] = []

    async def sleep(seconds: int) -> None:
        await asyncio.sleep(seconds)
        woken.append(seconds)

    async def work() -> None:
        await asyncio.gather(*(sleep(seconds) for seconds in (30, 10, 20)))

    assert run(work)[1] == pytest.approx(30)
    assert woken == [10, 20, 30]


async def busy() -> str:
    return await asyncio.to_thread(lambda: time.sleep(0.05) or "done")


async def busy_unseen() -> str:
    """In a thread of a library's own."""
    loop, future = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
    timer = threading.Timer(0.05, lambda: loop.call_soon_threadsafe(future.set_result, "done"))
    timer.start()
    return await future


@pytest.mark.parametrize("call", [busy, counted(busy_unseen)], ids=["executor", "counted"])
def test_time_stands_still_while_a_thread_works(call: Callable[[], Any]) -> None:
    async def work() -> str:
        return await asyncio.wait_for(call(), 1.0)

    assert run(work) == ("done", 0.0)
