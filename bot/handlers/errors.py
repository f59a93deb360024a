"""The one error handler: known refusals have words, anything else a reference that is in the log."""

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from aiogram import Router
from aiogram.types import ErrorEvent

from bot import texts, texts_moderation, texts_pictures
from bot.services import Services
from bot.usecases.errors import (
    AlreadyEnded,
    ModeNotTaken,
    NothingToCancel,
    NotYours,
    PictureRefused,
    PromptBlocked,
    PromptUnchecked,
    UseCaseError,
    WrongPictures,
)
from providers.catalog import Misfit
from providers.router import NoSuchOffer
from storage.errors import QueueFull, QuotaExceeded, Throttled

log = structlog.get_logger(__name__)

USE_CASE_TEXTS: dict[type[UseCaseError], Callable[[Any], str]] = {
    ModeNotTaken: texts_pictures.mode_not_taken,
    WrongPictures: texts_pictures.wrong_pictures,
    PictureRefused: texts_pictures.picture_refused,
    PromptBlocked: texts_moderation.prompt_blocked,
    PromptUnchecked: lambda _: texts_moderation.UNCHECKED_PROMPT,
    NothingToCancel: lambda _: texts.NOTHING_TO_CANCEL,
    NotYours: lambda _: texts.NOT_YOURS,
    AlreadyEnded: lambda _: texts.ALREADY_ENDED,
}


async def on_error(event: ErrorEvent, services: Services) -> bool:
    text = _words(event.exception, services) or _report(event.exception)
    if event.update.callback_query is not None:
        services.answers.toast(event.update.callback_query, texts.plain(text), alert=True)
    elif event.update.message is not None:
        await services.answers.refuse(event.update.message, text)
    return True


def _words(error: Exception, services: Services) -> str | None:
    """The text of a refusal; None for what nobody expected."""
    match error:
        case Misfit():
            return texts.misfit(error)
        case NoSuchOffer():
            return texts.no_such_offer(error)
        case QuotaExceeded():
            return texts.quota_exceeded(error, services.timezone, services.clock.now())
        case QueueFull():
            return texts.queue_full(error)
        case Throttled():
            return texts.throttled(error)
        case UseCaseError():
            return USE_CASE_TEXTS[type(error)](error)
        case _:
            return None


def _report(error: Exception) -> str:
    reference = secrets.token_hex(4)
    log.error("update failed", reference=reference, exc_info=error)
    return texts.unexpected(reference)


def create_router() -> Router:
    router = Router(name="errors")
    router.errors.register(on_error)
    return router
