"""Which handler and which middleware sees an update, in their order."""

from aiogram import Dispatcher

from bot.handlers import (
    audit,
    broadcast,
    cancel,
    catalog,
    chat_limits,
    chat_settings,
    edited,
    errors,
    fallback,
    forgetme,
    groups,
    guest,
    guided,
    history,
    imagine,
    inline,
    invites,
    jobs,
    language,
    operations,
    owner,
    people,
    quota,
    remix,
    results,
    roles,
    start,
    stats,
    unknown_buttons,
)
from bot.handlers import settings as own_settings
from bot.middlewares.access import Access
from bot.middlewares.acquaintance import Acquaintance
from bot.middlewares.albums import Albums
from bot.middlewares.entrance import Entrance
from bot.middlewares.locale import Locale, LocaleOfError
from bot.middlewares.log_context import LogContext
from bot.middlewares.outage import WaitOut
from bot.middlewares.own_results import OwnResults
from bot.middlewares.presses import Answered
from bot.middlewares.traced import Traced
from bot.services import Services

FOR_ALL = (
    invites,
    start,
    remix,
    guided,
    imagine,
    edited,
    quota,
    history,
    own_settings,
    cancel,
    catalog,
    language,
    forgetme,
    owner,
    audit,
    operations,
    jobs,
    stats,
    broadcast,
)
"""Handlers that answer where the bot is on and the person may use it."""


def build_dispatcher(services: Services) -> Dispatcher:
    dispatcher = Dispatcher(services=services, disable_fsm=True)
    entrance = Entrance()
    _add_middlewares(dispatcher, entrance, services)
    dispatcher.include_router(inline.create_router())
    if services.inline.can_draw:
        dispatcher.include_router(guest.create_router())
    dispatcher.include_routers(
        people.create_router(), chat_limits.create_router(), roles.create_router()
    )
    access = Access()
    for module in FOR_ALL:
        router = module.create_router()
        for observer in (router.message, router.edited_message):
            observer.middleware(access)
            observer.middleware(entrance)
        dispatcher.include_router(router)
    last = fallback.create_router()
    last.message.middleware(entrance)
    dispatcher.include_routers(
        results.create_router(services.clock),
        groups.create_router(),
        chat_settings.create_router(),
        last,
        unknown_buttons.create_router(),
        errors.create_router(),
    )
    return dispatcher


def _add_middlewares(dispatcher: Dispatcher, entrance: Entrance, services: Services) -> None:
    for first in (
        Traced(services.traces),
        LogContext(),
        Albums(services.clock),
        WaitOut(services.clock),
        Locale(),
        Acquaintance(),
    ):
        dispatcher.update.outer_middleware(first)
    dispatcher.errors.outer_middleware(LocaleOfError())
    for observer in (dispatcher.message, dispatcher.edited_message):
        observer.outer_middleware(OwnResults())
    dispatcher.callback_query.outer_middleware(Answered())
    for presses in (dispatcher.callback_query, dispatcher.inline_query):
        presses.middleware(entrance)
