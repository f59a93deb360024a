"""Which of a job's pictures are ordered together. Pure.

A job's pictures are numbered from 0. A share is some of them in a row: what one submission makes.
Where legs differ in how many they make at once, what is missing is shared out anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from providers.types import GenerationRequest


@dataclass(frozen=True, slots=True)
class Share:
    """first: the number of the first picture; count: how many there are."""

    first: int
    count: int


def shares_of(total: int, taken: Iterable[Share], at_once: int) -> list[Share]:
    """What isn't taken of `total` pictures, in shares of `at_once` at most."""
    gone = {number for share in taken for number in range(share.first, share.first + share.count)}
    shares: list[Share] = []
    for number in range(total):
        if number in gone:
            continue
        last = shares[-1] if shares else Share(0, 0)
        if last.first + last.count == number and 0 < last.count < at_once:
            shares[-1] = Share(last.first, last.count + 1)
        else:
            shares.append(Share(number, 1))
    return shares


def request_for(share: Share, whole: GenerationRequest) -> GenerationRequest:
    """Each picture's seed is its own, whoever makes it in whatever share."""
    seed = None if whole.seed is None else whole.seed + share.first
    return whole.model_copy(update={"num_images": share.count, "seed": seed})
