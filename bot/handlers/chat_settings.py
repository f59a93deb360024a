"""A group's settings, for its admins: by buttons, or typed after the command."""

from aiogram import F
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.callbacks import ChatSettingPressed
from bot.commands.chat_words import Here, read_change, words_of
from bot.handlers.groups import not_a_group
from bot.i18n import _
from bot.panels.chat import CLOSE, panel
from bot.panels.panels import Screen
from bot.services import Services
from bot.telegram.replies import author_id
from bot.telegram.routing import Router
from bot.texts import everyday as texts
from bot.usecases.chat_settings import GENERAL


async def chat_settings(message: Message, command: CommandObject, services: Services) -> None:
    if not await services.admins.wrote(message):
        await services.answers.refuse(message, _(texts.ADMINS_ONLY))
        return
    name, _blank, value = (command.args or "").strip().partition(" ")
    if name:
        await _change(message, name, value, services, by=author_id(message))
    services.panels.open(message, await _panel(message, services))


async def pressed(
    query: CallbackQuery, callback_data: ChatSettingPressed, services: Services
) -> None:
    name, value = callback_data.name, callback_data.value
    message = query.message
    if not isinstance(message, Message) or not await services.admins.pressed(query):
        services.answers.toast(query, texts.plain(_(texts.ADMINS_ONLY)), alert=True)
        return
    if value is not None:
        await _change(message, name, value, services, by=query.from_user.id)
    services.answers.toast(query, "")
    if name == CLOSE:
        services.panels.drop(query)
        return
    page = "" if value is not None else name
    services.panels.change(query, await _panel(message, services, page))


async def _change(message: Message, name: str, value: str, services: Services, *, by: int) -> None:
    """Raises WrongChatSetting, ChatNotAllowed."""
    changes = read_change(name, value, _here(message, services))
    await services.chat_settings.change(message.chat.id, message.chat.type, changes, by=by)


async def _panel(message: Message, services: Services, page: str = "") -> Screen:
    settings, enabled = await services.chat_settings.of(message.chat.id)
    words = words_of(settings, enabled=enabled)
    if not message.chat.is_forum:
        words.pop("topics")
    return panel(words, _here(message, services), page)


def _here(message: Message, services: Services) -> Here:
    thread_id = message.message_thread_id if message.is_topic_message else None
    return Here(
        services.engines.styles,
        services.engines.models,
        services.chat_settings.nsfw_allowed,
        topic=thread_id or GENERAL,
    )


def create_router() -> Router:
    router = Router(name="chat_settings")
    command = Command("chatsettings", ignore_case=True)
    router.message.register(not_a_group, command, F.chat.type == "private")
    router.message.register(chat_settings, command)
    router.callback_query.register(pressed, ChatSettingPressed.filter())
    return router
