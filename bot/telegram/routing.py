"""Routers that cost as much as they hold."""

import aiogram
from aiogram.dispatcher.event.event import EventObserver
from aiogram.dispatcher.event.telegram import TelegramEventObserver
from aiogram.enums import UpdateType

KINDS = frozenset({*UpdateType, "error"})


class Router(aiogram.Router):
    """aiogram's, with an observer only for each kind of update that is asked for. Its own makes
    one for all 28 there are, which for our thirty routers was most of a dispatcher's making.
    """

    def __init__(self, *, name: str) -> None:
        self.name = name
        self._parent_router = None
        self.sub_routers = []
        self.startup, self.shutdown = EventObserver(), EventObserver()
        self.observers = {}

    def __getattr__(self, kind: str) -> TelegramEventObserver:
        """Called for what isn't there yet."""
        kind = "error" if kind == "errors" else kind
        if kind not in KINDS:
            raise AttributeError(kind)
        if kind not in self.observers:
            self.observers[kind] = TelegramEventObserver(self, kind)
        return self.observers[kind]
