"""Whoever wants to know of every job that has ended."""

from collections.abc import Callable

from storage.records import Job, Outcome

Ended = Callable[[Job, Outcome], None]
"""Called when the outcome is stored, by the process that stored it; must return at once."""


def nobody(_job: Job, _outcome: Outcome) -> None:
    """Where nobody wants to."""
