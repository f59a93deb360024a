"""Calls that must not be left halfway: what a service has accepted is written down first."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def to_its_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Await `work`; a cancellation meanwhile is delivered only after it has ended.

    A second cancellation gives it up, so that a stop can't be held up for ever.
    """
    task = asyncio.ensure_future(work)  # noqa: TID251 - awaited on every path below
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
        raise
