"""What the buttons under a result carry: an action, the job's id, and which of its pictures.

All else is in storage, so a button works for as long as the job is remembered. The words in here
are under messages in people's chats: they may be added to, never changed.
"""

from enum import StrEnum
from hashlib import sha256
from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from aiogram.types import Message
from pydantic import Field

from bot.callbacks import JobId
from providers.styles import style_key

Number = Annotated[int, Field(ge=0, le=9)]  # which of several pictures, from 1; 0: all, or the one


class Action(StrEnum):
    AGAIN = "again"
    VARY = "vary"
    LARGER = "hd"
    EDIT = "edit"
    RATIO = "ratio"  # the choice of one
    STYLE = "style"  # the choice of one
    BACK = "back"  # to the first keyboard
    FILE = "file"
    PROMPT = "prompt"  # one too long for a button that copies
    ALONE = "alone"  # one of several, in full size
    DELETE = "del"  # asks first
    DELETE_NOW = "del!"


class ResultPressed(CallbackData, prefix="r"):
    action: Action
    job_id: JobId
    number: Number = 0


class RatioPressed(CallbackData, prefix="rr"):
    job_id: JobId
    number: Number
    width: Annotated[int, Field(ge=1, le=99)]
    height: Annotated[int, Field(ge=1, le=99)]


class StylePressed(CallbackData, prefix="rs"):
    """style: `short_name` of it: a service's own may be long, or in any letters."""

    job_id: JobId
    number: Number
    style: str


class StylesTurned(CallbackData, prefix="rp"):
    """Another page of styles."""

    job_id: JobId
    number: Number
    page: Annotated[int, Field(ge=0, le=99)]


OF_RESULTS = (ResultPressed, RatioPressed, StylePressed, StylesTurned)
Pressed = ResultPressed | RatioPressed | StylePressed | StylesTurned


def short_name(style: str) -> str:
    return sha256(style_key(style).encode()).hexdigest()[:10]


def result_shown_in(message: Message) -> tuple[int, int] | None:
    """(job id, number) of the result in a message of ours, read from the buttons under it."""
    rows = message.reply_markup.inline_keyboard if message.reply_markup else []
    found = [
        pressed
        for row in rows
        for button in row
        if (pressed := read_pressed(button.callback_data or "")) is not None
    ]
    # Of several pictures in one, some buttons are about one of them, and others about all.
    return (found[0].job_id, min(each.number for each in found)) if found else None


def read_pressed(data: str) -> Pressed | None:
    for kind in OF_RESULTS:
        try:
            return kind.unpack(data)
        except (TypeError, ValueError):
            continue
    return None
