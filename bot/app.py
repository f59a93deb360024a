"""The composition root: with `bot/wiring`, the only place that wires things together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from bot.blobs import build_blobs, check_blobs, default_folder, picture_folder, setting_of_blobs
from bot.duties import EVERYTHING, Duties, Idle
from bot.enabled import build_providers, check_engines, describe_engines, get_ready, listening
from bot.hearing import Hearing
from bot.lifecycle import App, Aside, Component
from bot.moderators import build_moderation
from bot.monitoring.traces import telling_traces
from bot.services import Services
from bot.settings import Settings, WrongSetting
from bot.telegram.client import (
    build_bot,
    learn_own_name,
    register_admin_commands,
    register_commands,
)
from bot.telegram.shared_pace import SharedPace
from bot.upkeep.disk_watch import DiskWatch
from bot.upkeep.engine_watch import EngineWatch
from bot.upkeep.housekeeping import build_housekeeper
from bot.upkeep.sweeper import Sweeper
from bot.wiring.basis import Basis
from bot.wiring.dispatcher import build_dispatcher
from bot.wiring.edge import build_edge, listen
from bot.wiring.machines import build_machines
from bot.wiring.services import build_services
from providers.base import ImageProvider
from providers.clock import Clock, SystemClock
from storage.engine import open_storage


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    providers: dict[str, ImageProvider] | None = None,
    duties: Duties = EVERYTHING,
) -> AsyncIterator[App]:
    """Everything opened and wired; closed again at the end of the block.

    `providers` takes the place of the configured ones (tests).
    Raises WrongSetting, CannotOpen.
    """
    clock = clock or SystemClock()
    duties.check(settings)
    async with AsyncExitStack() as stack:
        bot = build_bot(settings)
        stack.push_async_callback(bot.session.close)
        _make_data_dir(settings)
        blobs = build_blobs(settings)
        storage = await open_storage(settings.database)
        stack.push_async_callback(storage.close)
        await check_blobs(settings, blobs)
        providers = providers or build_providers(settings, clock)
        for provider in providers.values():
            stack.push_async_callback(provider.aclose)
        if duties.works:
            await check_engines(providers)
        engines = await describe_engines(providers, settings.default_model)
        moderation = await asyncio.to_thread(build_moderation, settings, clock)
        stack.push_async_callback(moderation.aclose)
        tell_traces = await stack.enter_async_context(telling_traces(settings))
        await learn_own_name(bot, clock)
        basis = Basis(
            settings, bot, storage, blobs, engines, moderation, clock, duties, tell_traces
        )
        yield wire(basis)


def wire(basis: Basis) -> App:
    machines, duties = build_machines(basis), basis.duties
    shared_pace = SharedPace(basis.pace, basis.storage, basis.clock)
    hearing = Hearing(machines.worker, machines.delivery, shared_pace)
    beside: list[Aside] = [partial(basis.storage.listen, hearing), shared_pace.run]
    edge: Component = Idle()
    if duties.edge:
        services = build_services(basis, machines)
        edge = _edge_of(basis, services)
        beside += _beside_the_edge(basis, services)
    if not duties.edge or basis.settings.webhook_url is None:
        called = listening(basis.engines.providers) if duties.edge else {}
        beside.append(partial(listen, basis.settings, called, basis.monitoring))
    if duties.works:
        providers = basis.engines.providers
        ready = providers.keys() & duties.claims(frozenset(providers))
        beside += [partial(get_ready, providers[name]) for name in ready]
        beside.append(EngineWatch(basis.gates, basis.alerts.tell, basis.clock).run)
    return App(
        edge,
        machines.worker if duties.works else Idle(),
        machines.delivery,
        machines.board,
        basis.outbox,
        beside=beside,
    )


def _edge_of(basis: Basis, services: Services) -> Component:
    return build_edge(
        basis.settings,
        basis.bot,
        build_dispatcher(services),
        basis.clock,
        listeners=listening(basis.engines.providers),
        storage=basis.storage,
        monitoring=basis.monitoring,
    )


def _beside_the_edge(basis: Basis, services: Services) -> list[Aside]:
    settings, bot = basis.settings, basis.bot
    return [
        partial(register_commands, bot),
        partial(register_admin_commands, bot, settings.admin_ids),
        services.operations.drain_report.run,
        services.operations.broadcaster.run,
        Sweeper(bot, basis.storage, basis.pace, basis.clock).run,
        *(watch.run for watch in _disk_watches(basis)),
        build_housekeeper(
            basis.storage,
            basis.blobs,
            basis.clock,
            days=settings.retention_days,
            tell_owners=basis.alerts.tell,
            place=setting_of_blobs(settings),
        ).run,
    ]


def _disk_watches(basis: Basis) -> list[DiskWatch]:
    """Pictures may have a disk of their own."""
    folders = {"DATA_DIR": basis.settings.data_dir}
    if basis.settings.blob_url and (folder := picture_folder(basis.settings)):
        folders["BLOB_URL"] = folder
    return [
        DiskWatch(folder, basis.alerts.tell, basis.clock, setting=setting)
        for setting, folder in folders.items()
    ]


def _make_data_dir(settings: Settings) -> None:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if settings.blob_url is None:
            default_folder(settings).path.mkdir(exist_ok=True)
    except OSError as error:
        raise WrongSetting("DATA_DIR", f"can't be used: {error.strerror}") from None
