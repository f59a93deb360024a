"""Calls that must not be left halfway: what a service has answered is written down first."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def to_its_end(work: Coroutine[Any, Any, Result], *, grace: float | None = None) -> Result:
    """Await `work`; a cancellation meanwhile is delivered only after it has ended.

    grace: seconds it then has left, None for as many as it takes. A second cancellation gives it
    up at once, so that a stop can't be held up for ever.
    """
    task = asyncio.ensure_future(work)  # noqa: TID251 - awaited on every path below
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        try:
            await asyncio.wait({task}, timeout=grace)
        finally:
            task.cancel()
        raise
