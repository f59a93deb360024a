"""Where a job's time goes, as nested spans. They go to the trail that is laid where they begin, as
ambient as a log's context is; without one nothing is kept.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime

from providers.clock import Clock

Fact = str | int | float | bool
Facts = dict[str, Fact]


@dataclass(frozen=True, slots=True)
class Span:
    """id, parent: 64 bits, the parent's 0 for the job itself. failed: the kind of error it ended in.

    facts: names and numbers of ours. Never a prompt, a key, a person's name or a file's id.
    """

    name: str
    began: datetime
    ended: datetime
    id: int
    parent: int
    facts: Facts
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Trail:
    keep: Callable[[Span], None]
    clock: Clock
    inside: int = 0


_trail: ContextVar[Trail | None] = ContextVar("trail", default=None)


@contextmanager
def laid(trail: Trail) -> Iterator[None]:
    """What begins in the block, tasks included, is kept by this trail."""
    token = _trail.set(trail)
    try:
        yield
    finally:
        _trail.reset(token)


@contextmanager
def span(name: str, **facts: Fact) -> Iterator[Facts]:
    """Around one step. More facts may be added to what it gives until it ends."""
    trail = _trail.get()
    if trail is None:
        yield facts
        return
    own, began = new_id(), trail.clock.now()
    failed: str | None = None
    try:
        with laid(replace(trail, inside=own)):
            yield facts
    except BaseException as error:
        failed = type(error).__name__
        raise
    finally:
        trail.keep(Span(name, began, trail.clock.now(), own, trail.inside, facts, failed))


def new_id() -> int:
    return secrets.randbits(64) or 1
