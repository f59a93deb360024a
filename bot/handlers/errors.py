"""The one error handler: known refusals have words, anything else a reference that is in the log."""

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import ErrorEvent, Message

from bot.i18n import _
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import access as texts_access
from bot.texts import chat_settings as texts_chat_settings
from bot.texts import everyday as texts
from bot.texts import groups as texts_groups
from bot.texts import guided as texts_guided
from bot.texts import history as texts_history
from bot.texts import inspection as texts_inspection
from bot.texts import moderation as texts_moderation
from bot.texts import operations as texts_operations
from bot.texts import people as texts_people
from bot.texts import pictures as texts_pictures
from bot.texts import results as texts_results
from bot.texts import storage as texts_storage
from bot.usecases.errors import (
    AdminsOnly,
    AlreadyEnded,
    BadOrder,
    Banned,
    CantRetry,
    ChatIsOff,
    ChatNotAllowed,
    ChoiceGone,
    CoolingDown,
    Draining,
    FileIsCovered,
    InvitesOff,
    KeyboardGone,
    KeyboardOfAnother,
    ModeNotTaken,
    NoAccess,
    NoSuchJob,
    NoSuchPicture,
    NoSuchProvider,
    NothingLarger,
    NothingNear,
    NothingToCancel,
    NotInline,
    NotOnTheMenu,
    NotReady,
    NotYourPicture,
    NotYours,
    OutOfUnits,
    Paused,
    PersonNotFound,
    PictureRefused,
    PoolUsedUp,
    PromptBlocked,
    PromptUnchecked,
    Protected,
    QuietHours,
    ResultGone,
    TooManyGuesses,
    TopicNotAllowed,
    UseCaseError,
    WhichPicture,
    WrongChatSetting,
    WrongPictures,
)
from providers.catalog import Misfit
from providers.router import NoSuchOffer
from storage.errors import (
    DatabaseAway,
    InviteInvalid,
    PicturesAway,
    QueueFull,
    QuotaExceeded,
    StorageError,
    Throttled,
)

log = structlog.get_logger(__name__)

USE_CASE_TEXTS: dict[type[UseCaseError], Callable[[Any], str]] = {
    ModeNotTaken: texts_pictures.mode_not_taken,
    WrongPictures: texts_pictures.wrong_pictures,
    PictureRefused: texts_pictures.picture_refused,
    PromptBlocked: texts_moderation.prompt_blocked,
    PromptUnchecked: lambda _error: _(texts_moderation.UNCHECKED_PROMPT),
    PoolUsedUp: texts_groups.pool_used_up,
    Banned: texts_access.banned,
    Paused: texts_access.paused,
    NoAccess: texts_access.no_access,
    TooManyGuesses: texts_access.too_many_guesses,
    InvitesOff: lambda _error: _(texts_access.INVITES_OFF),
    NothingToCancel: lambda _error: _(texts.NOTHING_TO_CANCEL),
    NotYours: lambda _error: _(texts.NOT_YOURS),
    AlreadyEnded: lambda _error: _(texts.ALREADY_ENDED),
    BadOrder: texts_people.usage,
    PersonNotFound: texts_people.not_found,
    Protected: lambda _error: _(texts_people.PROTECTED),
    AdminsOnly: lambda _error: _(texts_chat_settings.ADMINS_ONLY_DRAW),
    TopicNotAllowed: lambda _error: _(texts_chat_settings.TOPIC_NOT_ALLOWED),
    QuietHours: texts_chat_settings.quiet_hours,
    CoolingDown: texts_chat_settings.cooling_down,
    WrongChatSetting: texts_chat_settings.wrong_setting,
    ChatNotAllowed: lambda error: texts_chat_settings.not_allowed(error.chat_id),
    KeyboardGone: lambda _error: _(texts_guided.GONE),
    KeyboardOfAnother: lambda _error: _(texts_guided.OF_ANOTHER),
    NotOnTheMenu: lambda _error: _(texts_guided.CHOICE_GONE),
    NoSuchPicture: lambda _error: _(texts_history.NO_SUCH_PICTURE),
    NotYourPicture: lambda _error: _(texts_results.NOT_YOUR_PICTURE),
    ResultGone: lambda _error: _(texts_results.RESULT_GONE),
    NotReady: lambda _error: _(texts_results.NOT_READY),
    NothingLarger: lambda _error: _(texts_results.NOTHING_LARGER),
    NothingNear: lambda _error: _(texts_results.NOTHING_NEAR),
    ChoiceGone: lambda _error: _(texts_results.CHOICE_GONE),
    NotInline: lambda _error: _(texts_results.NOT_INLINE),
    ChatIsOff: lambda _error: _(texts_results.CHAT_IS_OFF),
    WhichPicture: lambda _error: _(texts_results.WHICH_PICTURE),
    FileIsCovered: lambda _error: _(texts_results.FILE_IS_COVERED),
    Draining: lambda _error: _(texts_operations.DRAINING),
    NoSuchProvider: texts_operations.no_such_provider,
    NoSuchJob: texts_inspection.no_such_job,
    CantRetry: texts_inspection.cant_retry,
    OutOfUnits: texts_inspection.out_of_units,
}

STORAGE_TEXTS: dict[type[StorageError], Callable[[Any], str]] = {
    InviteInvalid: lambda _error: _(texts_access.INVITE_INVALID),
    PicturesAway: lambda _error: _(texts_storage.PICTURES_AWAY),
}

FOR_ADMINS = (BadOrder, PersonNotFound, Protected, InvitesOff)
"""Said in private, wherever they asked."""


async def on_error(event: ErrorEvent, services: Services) -> Any:
    if isinstance(event.exception, DatabaseAway):
        return UNHANDLED  # the update comes again when the database is back
    text = _words(event.exception, services) or _report(event.exception)
    if event.update.callback_query is not None:
        services.answers.toast(event.update.callback_query, texts.plain(text), alert=True)
    elif event.update.inline_query is not None:
        services.inline.suggest(event.update.inline_query, [])
    elif (chosen := event.update.chosen_inline_result) and chosen.inline_message_id:
        services.inline.say(chosen.inline_message_id, text)
    elif (guest := event.update.guest_message) and guest.guest_query_id:
        services.inline.say_as_guest(guest.guest_query_id, text)
    elif (message := event.update.message or event.update.edited_message) is not None:
        await _refuse(message, event.exception, text, services)
    return True


async def _refuse(message: Message, error: Exception, text: str, services: Services) -> None:
    if isinstance(error, FOR_ADMINS):
        services.people.desk.tell(message, text)
    elif not isinstance(error, Throttled) or await services.people.entry.may_tell_throttled(
        author_id(message)
    ):
        await services.answers.refuse(message, text)


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
        case InviteInvalid() | PicturesAway():
            return STORAGE_TEXTS[type(error)](error)
        case UseCaseError():
            return USE_CASE_TEXTS[type(error)](error)
        case _other:
            return None


def _report(error: Exception) -> str:
    reference = secrets.token_hex(4)
    log.error("update failed", reference=reference, exc_info=error)
    return texts.unexpected(reference)


def create_router() -> Router:
    router = Router(name="errors")
    router.errors.register(on_error)
    return router
