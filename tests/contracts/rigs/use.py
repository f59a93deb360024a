"""The usual ways to use a provider under a rig."""

from providers.base import ImageProvider
from providers.catalog import Offer
from providers.types import GenerationResult, Progress, Ticket
from tests.contracts.rigs.base import Rig

PLENTY = 20.0
SHORT = 0.3
"""Seconds until the deadline."""


async def the_offer(provider: ImageProvider) -> Offer:
    return (await provider.offers())[0]


async def submitted(rig: Rig, provider: ImageProvider, seconds: float = PLENTY) -> Ticket:
    deadline = rig.clock.monotonic() + seconds
    return await provider.submit(rig.request(), await the_offer(provider), deadline=deadline)


async def finished(
    rig: Rig, provider: ImageProvider, ticket: Ticket, seen: list[Progress] | None = None
) -> GenerationResult:
    report = seen if seen is not None else []
    return await provider.wait(
        ticket, deadline=rig.clock.monotonic() + PLENTY, on_progress=report.append
    )


async def made(rig: Rig, provider: ImageProvider, seconds: float = PLENTY) -> GenerationResult:
    """Submit and wait, with one deadline over both."""
    deadline = rig.clock.monotonic() + seconds
    ticket = await submitted(rig, provider, seconds)
    return await provider.wait(ticket, deadline=deadline, on_progress=lambda _progress: None)
