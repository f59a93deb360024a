"""Who is drawn next, and what becomes of it. Knows no threads and no processes."""

import itertools
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from providers.errors import GenerationFailed, InvalidRequest, ProviderError
from providers.local.batch import Item
from providers.local.batching import BatchKey, batch_key, choose
from providers.local.messages import Draw, Failed, Stepped
from providers.local.run import Run
from providers.types import GeneratedImage, Note

MAX_CRASHES = 1
"""A picture that the process died over is tried again; after one more death it isn't."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Order:
    """A picture that is to be drawn: the one at `position` of its run.

    number: rises in the order in which they came. alone: something went wrong in company.
    crashes: how often the process died over it.
    """

    number: int
    run: Run
    position: int
    key: BatchKey
    alone: bool = False
    crashes: int = 0

    @property
    def item(self) -> Item:
        return self.run.items[self.position]


class Dispatcher:
    """at_once: how many pictures one call takes, as far as memory allows."""

    def __init__(self) -> None:
        self.at_once = 1
        self._limits: dict[BatchKey, int] = {}  # where memory allowed less
        self._waiting: list[Order] = []  # the longest waiting first
        self._unanswered: dict[int, Order] = {}  # sent to the process
        self._batch: frozenset[int] = frozenset()  # of these, the ones it draws now
        self._numbers = itertools.count()

    def add(self, run: Run) -> None:
        self._waiting += [
            Order(next(self._numbers), run, position, batch_key(item.request))
            for position, item in enumerate(run.items)
        ]

    def leave_out(self, run: Run) -> frozenset[int]:
        """A run has ended before its pictures; the numbers of those that are drawn just now."""
        self._waiting = [order for order in self._waiting if order.run is not run]
        drawn = self._batch & self._unanswered.keys()
        return frozenset(number for number in drawn if self._unanswered[number].run is run)

    @property
    def is_in_vain(self) -> bool:
        """Nobody waits any more for any picture of the running batch."""
        drawn = self._batch & self._unanswered.keys()
        return bool(drawn) and all(self._unanswered[n].run.has_ended for n in drawn)

    def next_batch(self) -> Draw | None:
        """None also while one drawn alone isn't done: a death must be nobody else's fault."""
        if any(order.alone for order in self._unanswered.values()):
            return None
        self._waiting = [order for order in self._waiting if not order.run.has_ended]
        chosen = choose(self._waiting, self._limit)
        if not chosen:
            return None
        self._batch = frozenset(order.number for order in chosen)
        self._waiting = [order for order in self._waiting if order.number not in self._batch]
        self._unanswered |= {order.number: order for order in chosen}
        return Draw({order.number: order.item for order in chosen})

    def stepped(self, step: Stepped) -> None:
        runs: defaultdict[Run, list[Order]] = defaultdict(list)
        for number in sorted(self._batch & self._unanswered.keys()):
            order = self._unanswered[number]
            runs[order.run].append(order)
        for run, orders in runs.items():
            shown = next(
                (step.previews[o.number] for o in orders if o.number in step.previews), None
            )
            run.advance({order.position: step.fraction for order in orders}, shown)

    def made(self, number: int, picture: GeneratedImage, notes: tuple[Note, ...]) -> None:
        for order in self._pop([number]):
            order.run.add_picture(order.position, picture, notes)

    def dropped(self, numbers: Collection[int]) -> None:
        self._pop(numbers)

    def failed(self, failure: Failed) -> None:
        """A batch that failed is tried again in smaller ones, down to a single picture."""
        orders = self._pop(failure.numbers)
        if len(orders) == 1:
            orders[0].run.fail(_error(failure))
        elif failure.out_of_memory:
            self._limits[orders[0].key] = half = len(orders) // 2
            logger.warning("no memory for %d pictures at once, now %d", len(orders), half)
        else:
            for order in orders:  # so that only the one it fails for pays for it
                order.alone = True
        self._put_back(orders)

    def crashed(self) -> None:
        """The process died. Whom it had is drawn once more, each alone: only the culprit dies twice."""
        orders = self._pop(list(self._unanswered))
        for order in orders:
            order.crashes += 1
            order.alone = True
            if order.crashes > MAX_CRASHES:
                order.run.fail(GenerationFailed("local", "the process died over it once more"))
        self._put_back(orders)

    def refuse_all(self, error: ProviderError) -> None:
        """Nothing can be drawn for now."""
        for order in self._waiting:
            order.run.fail(error)
        self._waiting = []

    def _limit(self, key: BatchKey) -> int:
        return min(self.at_once, self._limits.get(key, self.at_once))

    def _put_back(self, orders: Iterable[Order]) -> None:
        """To their old places in the line; but not those of a run that has ended."""
        again = [order for order in orders if not order.run.has_ended]
        self._waiting = sorted([*self._waiting, *again], key=lambda order: order.number)

    def _pop(self, numbers: Iterable[int]) -> list[Order]:
        """Those among the numbers that wait for an answer, which is this one."""
        return [self._unanswered.pop(n) for n in sorted(numbers) if n in self._unanswered]


def _error(failure: Failed) -> ProviderError:
    if failure.refused:
        return InvalidRequest("local", failure.detail, failure.fields)
    return GenerationFailed("local", failure.detail)
