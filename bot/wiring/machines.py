"""The parts that run by themselves: the worker, the delivery, and the messages about both."""

from dataclasses import dataclass

from bot.delivery import Delivery
from bot.inline_delivery import InlineDelivery
from bot.outcome_messages import OutcomeMessages
from bot.results.keyboards import ResultKeyboards
from bot.results.originals import Originals
from bot.status import StatusBoard
from bot.usecases.chat_settings import Nsfw
from bot.usecases.orders import Orders
from bot.usecases.run_job import RunJob
from bot.wiring.basis import Basis
from bot.worker import Worker


@dataclass(frozen=True, slots=True)
class Machines:
    board: StatusBoard
    worker: Worker
    delivery: Delivery
    orders: Orders
    keyboards: ResultKeyboards


def build_machines(basis: Basis) -> Machines:
    orders = Orders(basis.engines, basis.gates, basis.blobs)
    keyboards = ResultKeyboards(basis.engines, orders)
    unchecked = basis.settings.unchecked_pictures
    board = StatusBoard(
        basis.bot,
        basis.storage,
        basis.engines,
        basis.pace,
        basis.clock,
        on_end=lambda: delivery.ring(),  # noqa: PLW0108 - made next
        pauses=basis.pauses,
        previews=unchecked != "block",
        cover_previews=unchecked == "spoiler",
        adopts=basis.duties.edge,
    )
    delivery = _build_delivery(basis, board, keyboards)
    return Machines(board, _build_worker(basis, board), delivery, orders, keyboards)


def _build_delivery(basis: Basis, board: StatusBoard, keyboards: ResultKeyboards) -> Delivery:
    inline = InlineDelivery(
        basis.bot,
        basis.storage,
        basis.blobs,
        basis.pace,
        storage_chat_id=basis.settings.storage_chat_id,
        tell_owners=basis.alerts.tell,
        cover_unchecked=basis.cover_unchecked,
    )
    messages = OutcomeMessages(
        basis.bot,
        basis.storage,
        basis.blobs,
        basis.clock,
        keyboards=keyboards,
        originals=Originals(basis.bot, basis.outbox, basis.storage, basis.blobs),
        cover_unchecked=basis.cover_unchecked,
    )
    return Delivery(
        storage=basis.storage,
        messages=messages,
        board=board,
        inline=inline,
        pace=basis.pace,
        jumps=basis.jumps,
        clock=basis.clock,
        traces=basis.traces,
    )


def _build_worker(basis: Basis, board: StatusBoard) -> Worker:
    settings = basis.settings
    run_job = RunJob(
        basis.storage,
        basis.blobs,
        basis.engines,
        basis.gates,
        basis.clock,
        tally=basis.tally,
        strikes=basis.strikes,
        block_unchecked=settings.unchecked_pictures == "block",
        nsfw_allowed=Nsfw(settings.nsfw_allowed),
        on_ended=basis.monitoring.meters.ended,
    )
    return Worker(
        basis.storage,
        basis.engines,
        run_job,
        board,
        basis.clock,
        gates=basis.gates,
        pauses=basis.pauses,
        jumps=basis.jumps,
        max_running_per_user=settings.max_running_per_user,
        claims=basis.duties.claims(frozenset(basis.engines.providers)),
        ends_gone=basis.duties.is_whole,
        traces=basis.traces,
    )
