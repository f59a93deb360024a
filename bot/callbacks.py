"""What a button carries: an action and an id, well under Telegram's 64 bytes; state is in storage."""

from typing import Annotated

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

JobId = Annotated[int, Field(ge=1, lt=2**63)]  # a client may send anything; this a database takes


class CancelPressed(CallbackData, prefix="cancel"):
    job_id: JobId
