"""What the local model will run on, and which models stand beside it."""

import asyncio
from collections.abc import AsyncIterator

from bot.doctor.findings import Finding, bad, good, note
from bot.settings import Settings
from providers.local.checkpoint import Checkpoint
from providers.local.devices import describe_device


async def examine_local_model(settings: Settings) -> AsyncIterator[Finding]:
    """For settings that name a local model that has passed its check."""
    yield good("LOCAL_MODEL", await asyncio.to_thread(_whereabouts, settings.local_model or ""))
    yield await asyncio.to_thread(_device, settings.local_device)
    if settings.local_dtype:
        yield good("LOCAL_DTYPE", settings.local_dtype)
    if settings.local_controlnet:
        yield good("LOCAL_CONTROLNET", settings.local_controlnet)
    if settings.local_depth_model:
        yield good("LOCAL_DEPTH_MODEL", settings.local_depth_model)
    if settings.local_safety_model:
        yield good("LOCAL_SAFETY_MODEL", f"{settings.local_safety_model} checks every picture")
    else:
        fate = {"deliver": "sent", "spoiler": "sent covered", "block": "withheld, all of them"}
        outcome = fate[settings.unchecked_pictures]
        yield note("LOCAL_SAFETY_MODEL", f"is not set: pictures are unchecked, and {outcome}")


def _whereabouts(model: str) -> str:
    checkpoint = Checkpoint(model)
    family = checkpoint.family().model
    if checkpoint.is_demo:
        return f"{family}, the small one that comes with the bot"
    if checkpoint.folder is None:
        return f"{family}, {model} of the Hugging Face hub (or its cache)"
    return f"{family}, in {checkpoint.folder.resolve()}"


def _device(device: str | None) -> Finding:
    try:
        return good("device", describe_device(device))
    except (
        RuntimeError,
        AssertionError,
        OSError,
    ) as error:  # torch's own, for a device it can't use
        return bad("LOCAL_DEVICE", f"{device} can't be used ({type(error).__name__})")
