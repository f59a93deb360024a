"""What processes tell each other over PostgreSQL: that there is something to look for.

It may get lost with a connection, so everybody looks by themselves as well, only less often.
"""

from collections.abc import Callable
from enum import StrEnum


class News(StrEnum):
    JOBS = "jobs"  # one is queued
    DELIVERIES = "deliveries"  # an outcome waits to be shown
    CANCELS = "cancels"  # of a running job: its number
    PACES = "paces"  # a chat was closed: its number, and until when


Hear = Callable[[News, str], None]
"""Told what, and its details; returns at once."""
