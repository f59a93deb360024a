"""Keyboards under messages, checked as Telegram checks them.

https://core.telegram.org/bots/api#inlinekeyboardbutton
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from bot.playground.errors import bad_request
from bot.playground.records import Json, names

INLINE_ACTIONS = names(
    "url callback_data copy_text disabled switch_inline_query "
    "switch_inline_query_current_chat switch_inline_query_chosen_chat"
)
DECORATIONS = frozenset({"text", "style", "icon_custom_emoji_id"})
STYLES = frozenset({"primary", "success", "danger"})
KEYBOARDS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")
FORCE_REPLY = names("force_reply input_field_placeholder selective")
MAX_PLACEHOLDER = 64
MAX_BUTTONS = 100
MAX_ROW = 8
MAX_DATA = 64  # bytes


def checked(markup: Json | None, inline_only: bool = False) -> Json | None:
    """The markup as it came, or None for none.

    Raises:
        ApiError: 400 for a keyboard Telegram would refuse.
    """
    if markup is None:
        return None
    kind = next((each for each in KEYBOARDS if each in markup), None)
    if kind is None or (inline_only and kind != "inline_keyboard"):
        raise bad_request("object expected as reply markup")
    if kind == "force_reply":
        _check_force_reply(markup)
    if kind in ("inline_keyboard", "keyboard"):
        check_button = _check_inline if kind == "inline_keyboard" else _check_reply
        for button in _buttons(markup[kind]):
            check_button(button)
    return markup


def _check_force_reply(markup: Json) -> None:
    if markup["force_reply"] is not True or set(markup) - FORCE_REPLY:
        raise bad_request("object expected as reply markup")
    if len(str(markup.get("input_field_placeholder", ""))) > MAX_PLACEHOLDER:
        raise bad_request('field "input_field_placeholder" is too long')


def _buttons(rows: Any) -> Iterator[Json]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse keyboard: expected an Array of Array of buttons")
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    for row in rows:
        yield from row


def _check_reply(button: Any) -> None:
    if isinstance(button, str) and button:
        return
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request('can\'t parse keyboard button: Field "text" must be non-empty')


def _check_inline(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    unknown = set(button) - INLINE_ACTIONS - DECORATIONS
    if unknown:
        words = f"can't parse inline keyboard button: unknown field {sorted(unknown)[0]}"
        raise bad_request(words)
    if button.get("style", "primary") not in STYLES:
        raise bad_request("invalid button style specified")
    actions = set(button) & INLINE_ACTIONS
    if len(actions) != 1:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    _check_action(actions.pop(), button)


def _check_action(action: str, button: Json) -> None:
    value = button[action]
    if action == "callback_data" and not 1 <= len(str(value).encode()) <= MAX_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url" and urlsplit(str(value)).scheme not in ("http", "https", "tg"):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    if action == "copy_text" and not _copyable(value):
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _copyable(value: Any) -> bool:
    return isinstance(value, dict) and 1 <= len(str(value.get("text", ""))) <= 256  # noqa: PLR2004 - CopyTextButton's own limit
