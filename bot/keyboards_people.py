"""Buttons about people: invites to revoke, pages of the audit log, being forgotten."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.callbacks import AuditTurned, ForgetPressed, InviteRevoked
from bot.i18n import _
from bot.texts import access as texts_access
from bot.texts import audit as texts_audit
from bot.texts import forget as texts_forget
from storage.records import Invite

TOKEN_SHOWN = 6


def invites_keyboard(working: Sequence[Invite]) -> InlineKeyboardMarkup | None:
    rows = [
        [
            InlineKeyboardButton(
                text=_(texts_access.REVOKE_BUTTON).format(token=each.token[:TOKEN_SHOWN]),
                callback_data=InviteRevoked(token=each.token).pack(),
                style="danger",
            )
        ]
        for each in working
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def audit_keyboard(older: int | None, target: int | None) -> InlineKeyboardMarkup | None:
    if older is None:
        return None
    turned = AuditTurned(before=older, target=target).pack()
    button = InlineKeyboardButton(text=_(texts_audit.OLDER_BUTTON), callback_data=turned)
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


def forget_keyboard() -> InlineKeyboardMarkup:
    yes = InlineKeyboardButton(
        text=_(texts_forget.YES_BUTTON),
        callback_data=ForgetPressed(sure=True).pack(),
        style="danger",
    )
    no = InlineKeyboardButton(
        text=_(texts_forget.NO_BUTTON), callback_data=ForgetPressed(sure=False).pack()
    )
    return InlineKeyboardMarkup(inline_keyboard=[[yes], [no]])
