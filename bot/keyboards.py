from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import CancelPressed, LanguageChosen, WaitingPressed
from bot.i18n import LANGUAGES, _
from bot.texts import everyday as texts
from bot.texts import inline as texts_inline
from bot.texts import language as texts_language


def cancel_keyboard(job_id: int) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(
        text=_(texts.CANCEL_BUTTON),
        callback_data=CancelPressed(job_id=job_id).pack(),
        style="danger",
    )
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


def waiting_keyboard() -> InlineKeyboardMarkup:
    """Until the status with its Cancel comes."""
    button = InlineKeyboardButton(
        text=_(texts_inline.WAITING), callback_data=WaitingPressed().pack()
    )
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


def language_keyboard() -> InlineKeyboardMarkup:
    """One below the other: each in its own words, the last in the reader's."""
    names = {language: texts_language.name_of(language) for language in LANGUAGES}
    choices = [*names.items(), (None, _(texts_language.AS_IN_TELEGRAM))]
    rows = [
        [InlineKeyboardButton(text=text, callback_data=LanguageChosen(language=language).pack())]
        for language, text in choices
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows)
