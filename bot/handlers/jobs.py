"""/job: everything about one request, and its two buttons, for admins in their private chats."""

from aiogram import F
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks_operations import JobDeed, JobDeedWanted
from bot.filters import from_admin
from bot.handlers.cancel import show_cancellation
from bot.i18n import _
from bot.services import Services
from bot.telegram.replies import press_number
from bot.telegram.routing import Router
from bot.texts import inspection as texts_inspection

LONGEST_ID = 18  # digits that a database takes


async def job(message: Message, command: CommandObject, services: Services) -> None:
    job_id = await _meant(message, command, services)
    if job_id is None:
        services.answers.reply(message, _(texts_inspection.WHICH_JOB))
        return
    services.operations.screen.open(message, await services.operations.panel.job(job_id))


async def show(query: CallbackQuery, callback_data: JobDeedWanted, services: Services) -> None:
    shown = await services.operations.panel.job(callback_data.job_id)
    services.answers.toast(query, "")
    services.operations.screen.turn(query, shown)


async def cancel(query: CallbackQuery, callback_data: JobDeedWanted, services: Services) -> None:
    cancellation = await services.operations.cancel(callback_data.job_id, by=query.from_user.id)
    show_cancellation(cancellation, services)
    await show(query, callback_data, services)


async def retry(query: CallbackQuery, callback_data: JobDeedWanted, services: Services) -> None:
    number = press_number(f"retry {callback_data.job_id}")
    again, created = await services.operations.retry(
        callback_data.job_id, number=number, by=query.from_user.id
    )
    if created:
        services.board.announce(again)
        services.worker.ring()
    services.answers.toast(query, texts_inspection.retried(again), alert=True)
    services.operations.screen.turn(query, await services.operations.panel.job(again.id))


async def _meant(message: Message, command: CommandObject, services: Services) -> int | None:
    """By its number, or by the message replied to. Raises NoSuchJob."""
    number = (command.args or "").strip().lstrip("#")
    if number.isdecimal() and len(number) <= LONGEST_ID:
        return int(number)
    replied = message.reply_to_message
    if number or replied is None:
        return None
    return await services.operations.inspect_job.of_message(message.chat.id, replied.message_id)


def create_router() -> Router:
    router = Router(name="jobs")
    router.message.register(job, from_admin, Command("job", ignore_case=True))
    for deed, press in (
        (JobDeed.SHOW, show),
        (JobDeed.CANCEL, cancel),
        (JobDeed.RETRY, retry),
    ):
        router.callback_query.register(press, from_admin, JobDeedWanted.filter(F.deed == deed))
    return router
