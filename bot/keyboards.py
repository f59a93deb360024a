from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot import texts
from bot.callbacks import CancelPressed


def cancel_keyboard(job_id: int) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(
        text=texts.CANCEL_BUTTON, callback_data=CancelPressed(job_id=job_id).pack(), style="danger"
    )
    return InlineKeyboardMarkup(inline_keyboard=[[button]])
