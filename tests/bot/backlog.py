"""A database with many requests waiting, as a bot leaves it that was away for a while."""

from collections.abc import Sequence
from datetime import datetime

from bot.parsing import ImagineCommand
from bot.usecases.asker import Asker
from bot.usecases.new_job import new_job
from bot.usecases.spec import JobInputs
from providers.catalog import Offer, Wish
from providers.clock import SystemClock
from providers.router import rank
from providers.types import Mode
from storage.engine import open_storage
from storage.records import NewJob

FIRST_USER = 10_000


async def fill(
    url: str, offers: Sequence[Offer], count: int, users: int, *, now: datetime | None = None
) -> None:
    """`count` queued requests, the users' in turns, each with a message that says so."""
    now = now or SystemClock().now()
    storage = await open_storage(url)
    async with storage.transaction() as tx:
        for number in range(count):
            new = _request(FIRST_USER + number % users, number + 1, offers, now)
            job, _ = await tx.jobs.enqueue(new, now=now)
            await tx.jobs.set_status_message(job.id, number + 1)
    await storage.close()


def _request(user: int, message_id: int, offers: Sequence[Offer], now: datetime) -> NewJob:
    command = ImagineCommand(Wish(prompt="a fox"))
    asker = Asker(
        user_id=user,
        username=None,
        language="en",
        chat_id=user,
        chat_kind="private",
        message_id=message_id,
        thread_id=None,
    )
    choices = rank(command.wish, offers, mode=Mode.TEXT_TO_IMAGE)
    return new_job(asker, choices, command, JobInputs(), now)
