"""The question for new words to a picture, from the button to the answer, whatever restarts between.

An answered question stays open: it may be answered again, with other words.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.usecases.results import Result
from providers.clock import Clock
from storage.base import Storage
from storage.records import NewDraft

KIND = "edit"
KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Question:
    """Asked of `user_id` about a job's picture, which `message_id` shows."""

    user_id: int
    job_id: int
    number: int
    message_id: int


class Questions:
    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    async def open(self, result: Result, question: Question) -> int:
        """Its id. Nobody can answer before `sent`."""
        new = NewDraft(
            chat_id=result.job.chat_id,
            user_id=question.user_id,
            thread_id=result.job.thread_id,
            kind=KIND,
            data={
                "job": question.job_id,
                "number": question.number,
                "message": question.message_id,
            },
        )
        now = self._clock.now()
        async with self._storage.transaction() as tx:
            await tx.drafts.drop_older(now - KEPT)
            return (await tx.drafts.create(new, now=now)).id

    async def sent(self, question_id: int, message_id: int) -> None:
        async with self._storage.transaction() as tx:
            await tx.drafts.set_message(question_id, message_id)

    async def of_message(self, chat_id: int, message_id: int) -> Question | None:
        async with self._storage.reading() as view:
            draft = await view.drafts.of_message(chat_id, message_id)
        if draft is None or draft.kind != KIND:
            return None
        data = draft.data
        return Question(draft.user_id, data["job"], data["number"], data["message"])
