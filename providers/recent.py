"""What was known last, and of the oldest nothing more: memory that can't grow."""

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The `kept` entries that were put in last, by key."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._entries: OrderedDict[str, Value] = OrderedDict()

    def put(self, key: str, value: Value) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._kept:
            self._entries.popitem(last=False)

    def get(self, key: str) -> Value | None:
        return self._entries.get(key)
