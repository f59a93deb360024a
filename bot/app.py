"""The composition root: the only place that wires things together."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from aiogram import Bot, Dispatcher

from bot.admins import Admins
from bot.alerts import Alerts
from bot.answers import Answers
from bot.delivery import Delivery
from bot.enabled import build_providers, check_engines, describe_engines, get_ready, listening
from bot.gate import Gate
from bot.handlers import cancel, catalog, errors, fallback, groups, imagine, owner, quota, start
from bot.lifecycle import App, Component
from bot.middlewares.access import Access
from bot.middlewares.albums import Albums
from bot.middlewares.log_context import LogContext
from bot.moderators import build_moderation
from bot.outbox import Outbox
from bot.pace import Pace
from bot.polling import Poller
from bot.services import Services
from bot.settings import Settings, WrongSetting
from bot.status import StatusBoard
from bot.telegram import build_bot, learn_own_name, register_commands
from bot.telegram_files import TelegramFiles
from bot.usecases.cancel_job import CancelJob
from bot.usecases.chats import Chats
from bot.usecases.engines import Engines
from bot.usecases.imagine import Imagine
from bot.usecases.inputs import PrepareInputs
from bot.usecases.moderation import Moderation, ShowVerdicts, Tally
from bot.usecases.probe_providers import ProbeProviders
from bot.usecases.quotas import QuotaRules, ShowQuota
from bot.usecases.run_job import RunJob
from bot.worker import Worker
from providers.base import ImageProvider, Listening
from providers.clock import Clock, SystemClock
from providers.limits import Gates
from storage.base import BlobStore, Storage
from storage.blobs import FileBlobs
from storage.engine import open_storage


def build_dispatcher(services: Services) -> Dispatcher:
    dispatcher = Dispatcher(services=services, disable_fsm=True)
    dispatcher.update.outer_middleware(LogContext())
    dispatcher.update.outer_middleware(Albums(services.clock))
    access = Access()
    for module in (start, imagine, quota, cancel, catalog, owner):
        router = module.create_router()
        router.message.middleware(access)
        dispatcher.include_router(router)
    dispatcher.include_routers(
        groups.create_router(), fallback.create_router(), errors.create_router()
    )
    return dispatcher


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    providers: dict[str, ImageProvider] | None = None,
) -> AsyncIterator[App]:
    """Everything opened and wired; closed again at the end of the block.

    `providers` takes the place of the configured ones (tests).
    Raises WrongSetting, CannotOpen.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        bot = build_bot(settings)
        stack.push_async_callback(bot.session.close)
        _make_data_dir(settings)
        storage = await open_storage(settings.database)
        stack.push_async_callback(storage.close)
        blobs = FileBlobs(settings.data_dir / "pictures")
        providers = providers or build_providers(settings, clock)
        for provider in providers.values():
            stack.push_async_callback(provider.aclose)
        await check_engines(providers)
        engines = await describe_engines(providers, settings.default_model)
        moderation = await asyncio.to_thread(build_moderation, settings, clock)
        stack.push_async_callback(moderation.aclose)
        await learn_own_name(bot, clock)
        yield wire(
            settings,
            bot=bot,
            storage=storage,
            blobs=blobs,
            engines=engines,
            moderation=moderation,
            clock=clock,
        )


def wire(
    settings: Settings,
    *,
    bot: Bot,
    storage: Storage,
    blobs: BlobStore,
    engines: Engines,
    moderation: Moderation,
    clock: Clock,
) -> App:
    pace = Pace(clock.monotonic)
    bot.session.middleware(Gate(pace))
    outbox = Outbox(pace, clock)
    rules = QuotaRules(settings.daily_quota, settings.timezone)
    tally = Tally(rules, clock)
    unchecked = settings.unchecked_pictures
    board = StatusBoard(
        bot,
        storage,
        engines,
        pace,
        clock,
        on_end=lambda: delivery.ring(),  # noqa: PLW0108 - made next
        previews=unchecked != "block",
        cover_previews=unchecked == "spoiler",
    )
    delivery = Delivery(
        bot=bot,
        storage=storage,
        blobs=blobs,
        board=board,
        pace=pace,
        clock=clock,
        cover_unchecked=unchecked == "spoiler",
    )
    gates = Gates(
        engines.providers,
        clock,
        rates=settings.provider_rates,
        preferred=settings.provider_order,
        on_trouble=Alerts(bot, outbox, settings.admin_ids),
    )
    run_job = RunJob(
        storage,
        blobs,
        engines,
        gates,
        clock,
        tally=tally,
        block_unchecked=unchecked == "block",
    )
    worker = Worker(
        storage,
        engines,
        run_job,
        board,
        clock,
        gates=gates,
        max_running_per_user=settings.max_running_per_user,
    )
    services = Services(
        answers=Answers(bot, outbox, pace, storage, clock),
        admins=Admins(bot, settings.admin_ids, clock),
        board=board,
        files=TelegramFiles(bot, clock),
        worker=worker,
        engines=engines,
        imagine=Imagine(
            storage,
            PrepareInputs(blobs),
            engines,
            rules,
            clock,
            gates=gates,
            moderation=moderation,
            tally=tally,
            requests_per_minute=settings.max_requests_per_minute,
        ),
        cancel_job=CancelJob(storage, clock, stop_running=worker.cancel),
        show_quota=ShowQuota(storage, rules, clock),
        show_verdicts=ShowVerdicts(storage, rules, clock),
        chats=Chats(storage, clock),
        probe_providers=ProbeProviders(engines, clock, gates=gates),
        timezone=settings.timezone,
        clock=clock,
    )
    listeners = listening(engines.providers)
    edge = build_edge(settings, bot, build_dispatcher(services), clock, listeners)
    return App(
        edge,
        worker,
        delivery,
        board,
        outbox,
        beside=[
            partial(register_commands, bot),
            *(partial(get_ready, provider) for provider in engines.providers.values()),
            *([partial(listen, settings, listeners)] if isinstance(edge, Poller) else []),
        ],
    )


def build_edge(
    settings: Settings,
    bot: Bot,
    dispatcher: Dispatcher,
    clock: Clock,
    listeners: Mapping[str, Listening],
) -> Component:
    if settings.webhook_url is None or settings.webhook_secret is None:
        return Poller(bot, dispatcher, clock)
    from bot.web import listener_routes  # noqa: PLC0415 - long polling needs no web server
    from bot.webhook import WebhookServer  # noqa: PLC0415 - the same

    return WebhookServer(
        bot,
        dispatcher,
        clock,
        url=settings.webhook_url,
        secret=settings.webhook_secret.get_secret_value(),
        host=settings.http_host,
        port=settings.http_port,
        beside=listener_routes(listeners),
    )


async def listen(settings: Settings, listeners: Mapping[str, Listening]) -> None:
    """For the services that call, where no webhook of Telegram's has a web server running."""
    if not listeners:
        return
    from bot.web import serve_listeners  # noqa: PLC0415 - few bots need one

    await serve_listeners(listeners, host=settings.http_host, port=settings.http_port)


def _make_data_dir(settings: Settings) -> None:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / "pictures").mkdir(exist_ok=True)
    except OSError as error:
        raise WrongSetting("DATA_DIR", f"can't be used: {error.strerror}") from None
