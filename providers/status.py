"""What a service says of itself, for its owner: shown by `doctor` and `/providers`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credit:
    """What is left at a service, in its own unit (`USD`, `credits`)."""

    amount: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """A service's answer to a free question asked with our key: so the key is accepted.

    models: the remote names it lists, None where it has no list.
    styles: likewise.
    credit: None where it doesn't say.
    takes_work: False while it answers but accepts nothing (its queue is full, it is being repaired).
    """

    models: tuple[str, ...] | None = None
    styles: tuple[str, ...] | None = None
    credit: Credit | None = None
    takes_work: bool = True
