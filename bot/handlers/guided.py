"""`/imagine` without words: choices by buttons, then the words as a reply (or, in private, as they
come).
"""

from collections.abc import Sequence
from typing import Any

from aiogram import F
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.handlers.imagine import draw
from bot.i18n import _
from bot.panels.callbacks import (
    DraftId,
    GuidedClosed,
    GuidedCount,
    GuidedModel,
    GuidedRatio,
    GuidedStyle,
    GuidedTurned,
    GuidedWrite,
)
from bot.parsing import ImagineCommand, render, split_command
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import guided as texts
from bot.usecases.errors import KeyboardGone, KeyboardOfAnother
from bot.usecases.guided import Guide
from providers.types import Wish


def without_picture(message: Message) -> bool:
    replied = message.reply_to_message
    return not any(each and (each.photo or each.document) for each in (message, replied))


async def guided(message: Message, services: Services) -> None:
    thread_id = message.message_thread_id if message.is_topic_message else None
    guide, old = await services.guided.open(message.chat.id, author_id(message), thread_id)
    services.guided_panel.open(message, guide)
    services.guided_panel.take_away(old)


async def turned(query: CallbackQuery, callback_data: GuidedTurned, services: Services) -> None:
    guide = await _mine(query, callback_data.draft, services)
    services.guided_panel.show(query, guide, callback_data.page)
    services.answers.toast(query, "")


async def ratio(query: CallbackQuery, callback_data: GuidedRatio, services: Services) -> None:
    chosen = services.menu.ratio(callback_data.ratio)
    await _choose(query, callback_data.draft, services, ratio=chosen)


async def style(query: CallbackQuery, callback_data: GuidedStyle, services: Services) -> None:
    wanted = callback_data.style
    chosen = services.menu.style(wanted) if wanted else services.menu.any_style()
    await _choose(query, callback_data.draft, services, style=chosen)


async def model(query: CallbackQuery, callback_data: GuidedModel, services: Services) -> None:
    chosen = services.menu.model(callback_data.model) if callback_data.model else None
    await _choose(query, callback_data.draft, services, model=chosen)


async def count(query: CallbackQuery, callback_data: GuidedCount, services: Services) -> None:
    await _choose(query, callback_data.draft, services, count=callback_data.count)


async def write(query: CallbackQuery, callback_data: GuidedWrite, services: Services) -> None:
    guide = await _mine(query, callback_data.draft, services)
    services.guided_panel.ask(guide, query.from_user)
    await services.guided.ask(guide.draft.id)
    services.answers.toast(query, _(texts.ASKED))


async def closed(query: CallbackQuery, callback_data: GuidedClosed, services: Services) -> None:
    guide = await _closable(query, callback_data.draft, services)
    if guide is not None:
        await services.guided.close(guide.draft.id)
        services.guided_panel.take_away(guide)
    else:
        services.panels.drop(query)
    services.answers.toast(query, "")


async def awaited(message: Message, services: Services) -> dict[str, Any] | bool:
    """Whether these are the words for an open keyboard, and for which."""
    text = message.text or message.caption or ""
    command = split_command(text).command
    replied = message.reply_to_message
    if not text or (command and (replied is None or command != "imagine")):
        return False
    if replied is None and message.chat.type != "private":
        return False  # most of a group's talk: not worth a look
    guide = await services.guided.awaiting(
        message.chat.id,
        author_id(message),
        replied.message_id if replied else None,
        listens=message.chat.type == "private",
    )
    return {"guide": guide} if guide else False


async def described(
    message: Message, guide: Guide, services: Services, album: Sequence[Message] = ()
) -> None:
    text = message.text or message.caption or ""
    words = split_command(text).rest
    if await draw(message, f"{_options(guide)} {words}", services, album, reply_is_picture=False):
        await services.guided.done(guide)
        services.guided_panel.finish(guide)


def _options(guide: Guide) -> str:
    """The choices as one would type them: before the words, where what these say counts more."""
    chosen = guide.choices
    wish = Wish(prompt="", aspect_ratio=chosen.ratio, style=chosen.style, num_images=chosen.count)
    return render(ImagineCommand(wish, model=chosen.model))


async def _choose(
    query: CallbackQuery, draft_id: DraftId, services: Services, **chosen: Any
) -> None:
    await _mine(query, draft_id, services)
    guide = await services.guided.choose(draft_id, **chosen)
    services.guided_panel.show(query, guide)
    services.answers.toast(query, "")


async def _mine(query: CallbackQuery, draft_id: DraftId, services: Services) -> Guide:
    """Raises KeyboardGone, KeyboardOfAnother. A chat's own keyboard is its admins'."""
    guide = await _of_this_chat(query, draft_id, services)
    owner = guide.draft.user_id
    if owner != query.from_user.id and not (owner < 0 and await services.admins.pressed(query)):
        raise KeyboardOfAnother
    return guide


async def _closable(query: CallbackQuery, draft_id: DraftId, services: Services) -> Guide | None:
    """None: over long since, and only its message is left. Raises KeyboardGone, KeyboardOfAnother."""
    is_private = query.message is not None and query.message.chat.type == "private"
    is_ruler = is_private or await services.admins.pressed(query)
    try:
        guide = await _of_this_chat(query, draft_id, services)
    except KeyboardGone:
        if is_ruler:
            return None
        raise
    return guide if is_ruler else await _mine(query, draft_id, services)


async def _of_this_chat(query: CallbackQuery, draft_id: DraftId, services: Services) -> Guide:
    """Raises KeyboardGone, also for a keyboard elsewhere: a client may send any button's data."""
    guide = await services.guided.get(draft_id)
    if query.message is None or query.message.chat.id != guide.draft.chat_id:
        raise KeyboardGone
    if guide.draft.message_id is None:  # its send took effect, but the answer was lost
        await services.guided.shown(draft_id, query.message.message_id)
    return guide


def create_router() -> Router:
    router = Router(name="guided")
    bare = Command("imagine", ignore_case=True, magic=F.args.is_(None))
    router.message.register(described, awaited)
    router.message.register(guided, bare, without_picture)
    pressed = router.callback_query.register
    pressed(turned, GuidedTurned.filter())
    pressed(ratio, GuidedRatio.filter())
    pressed(style, GuidedStyle.filter())
    pressed(model, GuidedModel.filter())
    pressed(count, GuidedCount.filter())
    pressed(write, GuidedWrite.filter())
    pressed(closed, GuidedClosed.filter())
    return router
