"""What the handlers are given."""

from bot.answers import Answers
from bot.inline_messages import InlineMessages
from bot.operations import build_operations
from bot.panels.guided import GuidedPanel
from bot.panels.history import HistoryPanel
from bot.panels.panels import Panels
from bot.people import build_people
from bot.results.access import ResultAccess
from bot.results.messages import ResultMessages
from bot.results.resend import Resend
from bot.services import Services
from bot.telegram.files import TelegramFiles
from bot.telegram.whispers import Whispers
from bot.usecases.cancel_job import CancelJob
from bot.usecases.chat_rules import ChatRule, CooldownLimit, MembersDoor, chat_taste
from bot.usecases.chat_settings import EditChatSettings, Nsfw
from bot.usecases.chats import Chats
from bot.usecases.guided import Guided
from bot.usecases.imagine import Imagine
from bot.usecases.inputs import PrepareInputs
from bot.usecases.menu import Menu
from bot.usecases.moderation import ShowVerdicts
from bot.usecases.pauses import NotDraining
from bot.usecases.payer import ShowPool
from bot.usecases.preferences import PersonalTaste, Prefer
from bot.usecases.probe_providers import ProbeProviders
from bot.usecases.questions import Questions
from bot.usecases.quotas import ShowQuota
from bot.usecases.results import Results
from bot.usecases.roles import Roles
from bot.usecases.show_history import ShowHistory
from bot.usecases.suggest import Suggest
from bot.wiring.basis import Basis
from bot.wiring.machines import Machines


def build_services(basis: Basis, machines: Machines) -> Services:
    bot, storage, blobs, clock = basis.bot, basis.storage, basis.blobs, basis.clock
    settings, outbox, engines = basis.settings, basis.outbox, basis.engines
    imagine = _build_imagine(basis)
    chats = Chats(storage, clock, allowed=settings.allowed_chats)
    results = Results(storage, blobs)
    questions = Questions(storage, clock)
    menu = Menu(engines)
    panels = Panels(bot, outbox)
    guided = Guided(storage, menu, clock)
    show_history = ShowHistory(storage)
    covers = basis.cover_unchecked
    keyboards = machines.keyboards
    resend = Resend(bot, outbox, show_history, blobs, keyboards, cover_unchecked=covers)
    cancel_job = CancelJob(
        storage,
        clock,
        stop_running=machines.worker.cancel,
        on_ended=basis.monitoring.meters.ended,
    )
    nsfw = Nsfw(settings.nsfw_allowed)
    return Services(
        answers=Answers(
            bot,
            outbox,
            basis.pace,
            storage,
            clock,
            whispers=Whispers(bot, basis.admins.manages, clock.monotonic),
        ),
        admins=basis.admins,
        board=machines.board,
        files=TelegramFiles(bot, clock),
        worker=machines.worker,
        engines=engines,
        imagine=imagine,
        inline=InlineMessages(bot, outbox, can_draw=settings.storage_chat_id is not None),
        suggest=Suggest(storage, imagine, clock, show_unchecked=not covers),
        menu=menu,
        panels=panels,
        guided=guided,
        guided_panel=GuidedPanel(panels, guided, menu),
        prefer=Prefer(storage),
        show_history=show_history,
        history_panel=HistoryPanel(panels, resend, blobs),
        resend=resend,
        cancel_job=cancel_job,
        access=ResultAccess(results, basis.admins, chats),
        keyboards=keyboards,
        orders=machines.orders,
        questions=questions,
        result_messages=ResultMessages(
            bot, outbox, blobs, keyboards, questions, cover_unchecked=covers
        ),
        results=results,
        show_quota=ShowQuota(storage, basis.rules, clock),
        show_pool=ShowPool(storage, basis.payer, clock),
        show_verdicts=ShowVerdicts(storage, basis.rules, clock),
        chats=chats,
        chat_settings=EditChatSettings(storage, chats, clock, nsfw_allowed=nsfw),
        languages=basis.languages,
        roles=Roles(storage, settings.admin_ids),
        people=build_people(
            bot,
            storage,
            blobs,
            outbox,
            entry=basis.entry,
            entry_rules=basis.entry_rules,
            rules=basis.rules,
            payer=basis.payer,
            cancel_job=cancel_job,
            stop_running=machines.worker.cancel,
            clock=clock,
        ),
        probe_providers=ProbeProviders(engines, clock, gates=basis.gates),
        operations=build_operations(
            bot,
            storage,
            outbox,
            engines=engines,
            gates=basis.gates,
            pauses=basis.pauses,
            rules=basis.rules,
            payer=basis.payer,
            cancel_job=cancel_job,
            languages=basis.languages,
            clock=clock,
            results_wait=lambda: machines.delivery.is_busy,
        ),
        traces=basis.traces,
        timezone=settings.timezone,
        clock=clock,
    )


def _build_imagine(basis: Basis) -> Imagine:
    settings = basis.settings
    return Imagine(
        basis.storage,
        PrepareInputs(basis.blobs),
        basis.engines,
        basis.payer,
        basis.clock,
        gates=basis.gates,
        moderation=basis.moderation,
        tally=basis.tally,
        strikes=basis.strikes,
        requests_per_minute=settings.max_requests_per_minute,
        rules_of_entry=[basis.entry, NotDraining(), ChatRule(settings.timezone)],
        doors=[MembersDoor(basis.storage, basis.admins.manages)],
        limits=[CooldownLimit()],
        tastes=[chat_taste, PersonalTaste()],
    )
