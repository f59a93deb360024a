"""A loopback Telegram for demos and tests: a strict Bot API and a chat page, kept in memory.

Never imported by `bot run`.
"""

from bot.playground.people import Answer
from bot.playground.places import NotPossible
from bot.playground.records import Call, Message
from bot.playground.server import ANN, BORIS, CHEN, GROUP, TOKEN, Playground

__all__ = [
    "ANN",
    "BORIS",
    "CHEN",
    "GROUP",
    "TOKEN",
    "Answer",
    "Call",
    "Message",
    "NotPossible",
    "Playground",
]
