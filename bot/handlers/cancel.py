from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.callbacks import CancelPressed, WaitingPressed
from bot.i18n import _
from bot.services import Services
from bot.telegram.replies import author_id, press_number
from bot.telegram.routing import Router
from bot.texts import everyday as texts
from bot.texts import inline as texts_inline
from bot.usecases.cancel_job import Cancellation
from bot.usecases.errors import NothingToCancel, NotYours
from storage.records import Job


async def cancel(message: Message, services: Services) -> None:
    done = await services.cancel_job.all_of(author_id(message), message.chat.id)
    for cancellation in done:
        show_cancellation(cancellation, services)
    services.answers.reply(message, texts.canceled_many(len(done)))


async def cancel_pressed(
    query: CallbackQuery, callback_data: CancelPressed, services: Services
) -> None:
    job = await services.cancel_job.job(callback_data.job_id)
    if job.user_id != query.from_user.id and not await _manages(query, job, services):
        raise NotYours
    if query.message is not None and job.status_message_id is None:
        # Its send took effect, but the answer was lost: now we know which message it is.
        await services.cancel_job.adopt(job, query.message.message_id)
    cancellation = await services.cancel_job(job.id)
    show_cancellation(cancellation, services)
    words = _(texts.CANCEL_ACCEPTED if cancellation.ended else texts.STOPPING)
    services.answers.toast(query, words)


async def waiting_pressed(query: CallbackQuery, services: Services) -> None:
    number = press_number(f"inline:{query.inline_message_id}")
    try:
        job = await services.cancel_job.asked_by(query.from_user.id, number)
    except NothingToCancel:
        services.answers.toast(query, _(texts_inline.NOT_BEGUN), alert=True)
        return
    cancellation = await services.cancel_job(job.id)
    show_cancellation(cancellation, services)
    words = _(texts.CANCEL_ACCEPTED if cancellation.ended else texts.STOPPING)
    services.answers.toast(query, words)


async def _manages(query: CallbackQuery, job: Job, services: Services) -> bool:
    """An admin's word counts in the chat the job is in, whatever button data a client sends."""
    here = query.message is not None and query.message.chat.id == job.chat_id
    return here and await services.admins.pressed(query)


def show_cancellation(cancellation: Cancellation, services: Services) -> None:
    if cancellation.ended:
        services.board.ended(cancellation.job)
    else:
        services.board.stopping(cancellation.job)


def create_router() -> Router:
    router = Router(name="cancel")
    router.message.register(cancel, Command("cancel", ignore_case=True))
    router.callback_query.register(cancel_pressed, CancelPressed.filter())
    router.callback_query.register(waiting_pressed, WaitingPressed.filter())
    return router
