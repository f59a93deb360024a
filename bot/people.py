"""What the handlers about people work with, in one bundle, as `services.people`."""

from collections.abc import Callable
from dataclasses import dataclass

from aiogram import Bot

from bot.desk import Desk
from bot.telegram.outbox import Outbox
from bot.usecases.audit import ShowAudit
from bot.usecases.cancel_job import CancelJob
from bot.usecases.chat_limits import LimitChat
from bot.usecases.entry import Entry, EntryRules
from bot.usecases.forget import ForgetMe
from bot.usecases.invites import Invites
from bot.usecases.payer import Payer
from bot.usecases.people import ManagePeople
from bot.usecases.person import ShowPerson
from bot.usecases.quotas import QuotaRules
from providers.clock import Clock
from storage.base import BlobStore, Storage


@dataclass(frozen=True, slots=True)
class People:
    entry: Entry
    manage: ManagePeople
    show: ShowPerson
    audit: ShowAudit
    invites: Invites
    forget: ForgetMe
    limit_chat: LimitChat
    desk: Desk


def build_people(
    bot: Bot,
    storage: Storage,
    blobs: BlobStore,
    outbox: Outbox,
    *,
    entry: Entry,
    entry_rules: EntryRules,
    rules: QuotaRules,
    payer: Payer,
    cancel_job: CancelJob,
    stop_running: Callable[[int], None],
    clock: Clock,
) -> People:
    return People(
        entry=entry,
        manage=ManagePeople(storage, rules, cancel_job, clock),
        show=ShowPerson(storage, rules, clock),
        audit=ShowAudit(storage),
        invites=Invites(storage, entry_rules, clock),
        forget=ForgetMe(storage, blobs, clock, stop_running=stop_running),
        limit_chat=LimitChat(storage, payer, clock),
        desk=Desk(bot, outbox),
    )
