"""The table of Bot API methods the playground answers; `methods_*.py` fill it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.playground.params import Request
from bot.playground.state import World

Method = Callable[[World, Request], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    takes: frozenset[str]
    run: Method


METHODS: dict[str, Entry] = {}


def method(name: str, takes: str = "") -> Callable[[Method], Method]:
    """Register a coroutine as the method `name`; `takes` lists the parameters it understands."""

    def register(run: Method) -> Method:
        METHODS[name.lower()] = Entry(name, frozenset(takes.split()), run)
        return run

    return register
