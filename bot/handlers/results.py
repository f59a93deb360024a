"""The buttons under a result. Those that draw are an /imagine of whoever presses."""

from aiogram import F
from aiogram.types import CallbackQuery

from bot.askers import presser_of
from bot.i18n import _
from bot.middlewares.presses import Once
from bot.results.access import Press
from bot.results.callbacks import (
    Action,
    RatioPressed,
    ResultPressed,
    StylePressed,
    StylesTurned,
    short_name,
)
from bot.results.keyboards import style_names
from bot.services import Services
from bot.telegram.routing import Router
from bot.texts import results as texts_results
from bot.usecases.errors import ChoiceGone
from bot.usecases.orders import Order
from providers.clock import Clock
from storage.records import JobState

DRAWN_ONCE = {"once": 2.0}  # seconds: a finger that slipped draws one
SENT_ONCE = {"once": 15.0}


async def again(query: CallbackQuery, callback_data: ResultPressed, services: Services) -> None:
    press = await services.access.drawing(query, callback_data)
    await _draw(query, press, services.orders.again(press.result, press.number), services)


async def vary(query: CallbackQuery, callback_data: ResultPressed, services: Services) -> None:
    press = await services.access.drawing(query, callback_data)
    await _draw(query, press, services.orders.varied(press.result, press.number), services)


async def larger(query: CallbackQuery, callback_data: ResultPressed, services: Services) -> None:
    press = await services.access.drawing(query, callback_data)
    await _draw(query, press, services.orders.larger(press.result, press.number), services)


async def ratios(query: CallbackQuery, callback_data: ResultPressed, services: Services) -> None:
    press = await services.access.drawing(query, callback_data)
    keyboard = services.keyboards.ratios(press.result, press.number)
    services.result_messages.turn(press.shown, keyboard)


async def ratio(query: CallbackQuery, callback_data: RatioPressed, services: Services) -> None:
    press = await services.access.drawing(query, callback_data)
    shape = callback_data.width, callback_data.height
    order = services.orders.reshaped(press.result, press.number, shape)
    await _draw(query, press, order, services)
    _turn_back(press, services)


async def styles(query: CallbackQuery, callback_data: ResultPressed, services: Services) -> None:
    press = await services.access.drawing(query, callback_data)
    keyboard = services.keyboards.styles(press.result, press.number)
    services.result_messages.turn(press.shown, keyboard)


async def turn_styles(
    query: CallbackQuery, callback_data: StylesTurned, services: Services
) -> None:
    press = await services.access.drawing(query, callback_data)
    keyboard = services.keyboards.styles(press.result, press.number, callback_data.page)
    services.result_messages.turn(press.shown, keyboard)


async def style(query: CallbackQuery, callback_data: StylePressed, services: Services) -> None:
    press = await services.access.drawing(query, callback_data)
    names = {short_name(name): name for name in style_names(services.engines)}
    if (chosen := names.get(callback_data.style)) is None:
        raise ChoiceGone
    order = services.orders.restyled(press.result, press.number, chosen)
    await _draw(query, press, order, services)
    _turn_back(press, services)


async def back(query: CallbackQuery, callback_data: ResultPressed, services: Services) -> None:
    press = await services.access.managed(query, callback_data)
    _turn_back(press, services)


async def edit(query: CallbackQuery, callback_data: ResultPressed, services: Services) -> None:
    press = await services.access.drawing(query, callback_data)
    await services.result_messages.ask_for_words(press, query.from_user)
    services.answers.toast(query, _(texts_results.ASKED))


async def send_file(query: CallbackQuery, callback_data: ResultPressed, services: Services) -> None:
    press = await services.access.harmless(query, callback_data)
    await services.result_messages.send_files(press)
    services.answers.toast(query, _(texts_results.FILE_COMES))


async def send_prompt(
    query: CallbackQuery, callback_data: ResultPressed, services: Services
) -> None:
    press = await services.access.harmless(query, callback_data)
    services.result_messages.send_prompt(press)
    services.answers.toast(query, _(texts_results.PROMPT_COMES))


async def send_alone(
    query: CallbackQuery, callback_data: ResultPressed, services: Services
) -> None:
    press = await services.access.managed(query, callback_data)
    await services.result_messages.send_alone(press)
    services.answers.toast(query, _(texts_results.ALONE_COMES).format(number=press.number))


async def delete(query: CallbackQuery, callback_data: ResultPressed, services: Services) -> None:
    press = await services.access.managed(query, callback_data)
    keyboard = services.keyboards.delete(press.result, press.number)
    services.result_messages.turn(press.shown, keyboard)


async def delete_now(
    query: CallbackQuery, callback_data: ResultPressed, services: Services
) -> None:
    """A message that shows one of several pictures goes alone: the first one shows them still."""
    press = await services.access.managed(query, callback_data)
    if not press.number:
        await services.results.delete(press.result)
    services.result_messages.take_away(press)
    told = _(texts_results.REMOVED) if press.number else _(texts_results.DELETED)
    services.answers.toast(query, told)


async def _draw(query: CallbackQuery, press: Press, order: Order, services: Services) -> None:
    asker = presser_of(query, press, order)
    accepted = await services.imagine(order.command, asker, order.given)
    if accepted.created:
        services.worker.ring()
        services.board.announce(accepted.job)
    drawn = press.result.job.state is JobState.SUCCEEDED
    seed_before = press.result.spec.wish.seed if drawn else None
    services.answers.toast(query, texts_results.drawing(order.kin, seed_before))


def _turn_back(press: Press, services: Services) -> None:
    keyboard = services.keyboards.of(press.result, press.number)
    services.result_messages.turn(press.shown, keyboard)


def create_router(clock: Clock) -> Router:
    router = Router(name="results")
    router.callback_query.middleware(Once(clock))
    press = router.callback_query.register
    for action, handler, flags in (
        (Action.AGAIN, again, DRAWN_ONCE),
        (Action.VARY, vary, DRAWN_ONCE),
        (Action.LARGER, larger, DRAWN_ONCE),
        (Action.RATIO, ratios, None),
        (Action.STYLE, styles, None),
        (Action.BACK, back, None),
        (Action.EDIT, edit, SENT_ONCE),
        (Action.FILE, send_file, SENT_ONCE),
        (Action.PROMPT, send_prompt, SENT_ONCE),
        (Action.ALONE, send_alone, SENT_ONCE),
        (Action.DELETE, delete, None),
        (Action.DELETE_NOW, delete_now, None),
    ):
        press(handler, ResultPressed.filter(F.action == action), flags=flags)
    press(ratio, RatioPressed.filter(), flags=DRAWN_ONCE)
    press(style, StylePressed.filter(), flags=DRAWN_ONCE)
    press(turn_styles, StylesTurned.filter())
    return router
