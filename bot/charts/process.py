"""Starting the process that draws, and waiting for its picture."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from importlib.util import find_spec

import structlog

from bot.charts.data import Chart

PATIENCE = 60.0  # seconds; a second or two is usual

log = structlog.get_logger(__name__)


async def draw_chart(chart: Chart) -> bytes | None:
    """A PNG; None where it can't be drawn: there are words then."""
    if find_spec("matplotlib") is None:
        return None
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.charts.draw", stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
    except OSError as error:  # no memory, or too many processes
        log.warning("chart not drawn", error=type(error).__name__)
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            png, _ = await process.communicate(chart.model_dump_json().encode())
    except TimeoutError:
        log.warning("chart not drawn in time")
        return None
    finally:
        with suppress(ProcessLookupError):  # it is over
            process.kill()
        await process.wait()
    if process.returncode != 0:
        log.warning("chart not drawn", exit_code=process.returncode)
        return None
    return png
