"""What a button carries: an action and an id, well under Telegram's 64 bytes; state is in storage."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import AfterValidator, Field

from bot.i18n import LANGUAGES

JobId = Annotated[int, Field(ge=1, lt=2**63)]  # a client may send anything; this a database takes


class WaitingPressed(CallbackData, prefix="waiting"):
    """Under an inline message that has no job yet, for all its sender knows."""


class ChatSettingPressed(CallbackData, prefix="chat", sep="|"):
    """name: of a setting, "" for all of them; with a value it is chosen, without its page opens."""

    name: str
    value: str | None = None


def _spoken_here(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError("not a language of this bot")
    return language


Language = Annotated[str, AfterValidator(_spoken_here)]


class CancelPressed(CallbackData, prefix="cancel"):
    job_id: JobId


class ForgetPressed(CallbackData, prefix="forget"):
    sure: bool


class InviteRevoked(CallbackData, prefix="uninvite"):
    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]


class AuditTurned(CallbackData, prefix="audit"):
    """before: a line's id; target: of one person or chat alone."""

    before: JobId
    target: Annotated[int, Field(gt=-(2**63), lt=2**63)] | None = None


class LanguageChosen(CallbackData, prefix="lang"):
    """None: as in Telegram."""

    language: Language | None = None
