"""Where updates come in: long polling, or a webhook."""

from collections.abc import Mapping
from functools import partial

from aiogram import Bot, Dispatcher

from bot.lifecycle import Component
from bot.monitoring.build import Monitoring
from bot.settings import Settings
from bot.sole import Sole
from bot.telegram.polling import Poller
from providers.base import Listening
from providers.clock import Clock
from storage.base import Storage
from storage.leadership import POLLER


def build_edge(
    settings: Settings,
    bot: Bot,
    dispatcher: Dispatcher,
    clock: Clock,
    *,
    listeners: Mapping[str, Listening],
    storage: Storage,
    monitoring: Monitoring,
) -> Component:
    if settings.webhook_url is None or settings.webhook_secret is None:
        poller = partial(Poller, bot, dispatcher, clock)
        return Sole(storage, POLLER, poller) if storage.shared else poller()
    from bot.telegram.webhook import WebhookServer  # noqa: PLC0415 - the same
    from bot.web import listener_routes  # noqa: PLC0415 - long polling needs no web server

    return WebhookServer(
        bot,
        dispatcher,
        clock,
        url=settings.webhook_url,
        secret=settings.webhook_secret.get_secret_value(),
        host=settings.http_host,
        port=settings.http_port,
        beside=[*listener_routes(listeners), *monitoring.routes()],
    )


async def listen(
    settings: Settings, listeners: Mapping[str, Listening], monitoring: Monitoring
) -> None:
    """For the services that call and for whoever watches the bot, where no webhook of Telegram's
    has a web server running.
    """
    if not listeners and not monitoring.is_served:
        return
    from bot.web import listener_routes, serve_for_ever  # noqa: PLC0415 - not every bot needs one

    routes = [*listener_routes(listeners), *monitoring.routes()]
    await serve_for_ever(
        routes, host=settings.http_host, port=settings.http_port, needed=bool(listeners)
    )
