"""`@bot a fox` typed in any chat: own pictures at once, and a new one through the storage chat."""

from dataclasses import replace

from aiogram.types import (
    ChosenInlineResult,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultCachedPhoto,
    InlineQueryResultsButton,
    InputTextMessageContent,
    User,
)

from bot.askers import read_command
from bot.i18n import _, language
from bot.keyboards import waiting_keyboard
from bot.parsing import ImagineCommand, ParseError, ParseReason
from bot.services import Services
from bot.telegram.replies import press_number
from bot.telegram.routing import Router
from bot.texts import everyday as texts
from bot.texts import inline as texts_inline
from bot.usecases.asker import Asker
from bot.usecases.engines import Engines
from bot.usecases.suggest import Suggestion
from providers.catalog import Misfit
from providers.router import NoSuchOffer

DRAW = "draw"  # the result that becomes a job
START = "inline"  # what /start is given by the button above the results


async def suggest(query: InlineQuery, services: Services) -> None:
    asker = asker_of(query.from_user, f"typed:{query.id}")
    known = await services.suggest(asker, query.query)
    article, button = await _offer(query.query, asker, services)
    pictures = [_picture(each) for each in known]
    services.inline.suggest(query, [*article, *pictures], button)


async def chosen(result: ChosenInlineResult, services: Services) -> None:
    if result.result_id != DRAW or result.inline_message_id is None:
        return  # a picture from the history is there already
    parsed = read_words(result.query, services.engines)
    if isinstance(parsed, ParseError) or not services.inline.can_draw:
        words = texts.parse_error(parsed) if isinstance(parsed, ParseError) else _(texts_inline.OFF)
        services.inline.say(result.inline_message_id, words)
        return
    asker = asker_of(result.from_user, result.inline_message_id, inline=True)
    accepted = await services.imagine(parsed, asker)
    if accepted.created:
        services.worker.ring()
        services.board.announce(accepted.job)


def read_words(text: str, engines: Engines) -> ImagineCommand | ParseError:
    """One picture at a time: several would be a sheet, whose parts nobody could pick there."""
    parsed = read_command(text, engines)
    if isinstance(parsed, ParseError):
        return parsed
    return replace(parsed, wish=parsed.wish.model_copy(update={"num_images": 1}))


def asker_of(sender: User, key: str, *, inline: bool = False, payer: int | None = None) -> Asker:
    """`key`: what the request is known by; an inline message's id where `inline`.

    payer: the chat in whose name it was written, if any.
    """
    user_id = payer or sender.id
    return Asker(
        user_id=user_id,
        username=sender.username,
        language=sender.language_code,
        chat_id=user_id,
        chat_kind="private",
        message_id=press_number(f"inline:{key}"),
        thread_id=None,
        name=sender.first_name,
        locale=language(),
        inline_message_id=key if inline else None,
    )


async def _offer(
    text: str, asker: Asker, services: Services
) -> tuple[list[InlineQueryResultArticle], InlineQueryResultsButton | None]:
    """The new picture that can be had, or why there is none."""
    if not services.inline.can_draw:
        return [], _button(_(texts_inline.DRAW_IN_PRIVATE))
    parsed = read_words(text, services.engines)
    if isinstance(parsed, ParseError):
        empty = parsed.reason in (ParseReason.NO_TEXT, ParseReason.EMPTY_PROMPT)
        hint = _(texts_inline.TYPE_WORDS)
        return [], _button(hint if empty else texts_inline.cant_read(texts.parse_error(parsed)))
    try:
        cost = await services.imagine.price(parsed, asker)
    except Misfit as error:
        return [], _button(texts_inline.cant_read(texts.misfit(error)))
    except NoSuchOffer as error:
        return [], _button(texts_inline.cant_read(texts.no_such_offer(error)))
    return [_article(parsed.wish.prompt, cost)], None


def _article(prompt: str, cost: int) -> InlineQueryResultArticle:
    return InlineQueryResultArticle(
        id=DRAW,
        title=texts_inline.draw_title(prompt),
        description=texts_inline.draw_cost(cost),
        input_message_content=InputTextMessageContent(message_text=texts_inline.soon(prompt, cost)),
        reply_markup=waiting_keyboard(),  # without one there is no inline_message_id
    )


def _picture(found: Suggestion) -> InlineQueryResultCachedPhoto:
    return InlineQueryResultCachedPhoto(
        id=f"picture-{found.artifact_id}",
        photo_file_id=found.file_id,
        caption=texts_inline.title_of(found.prompt),
    )


def _button(text: str) -> InlineQueryResultsButton:
    return InlineQueryResultsButton(text=text, start_parameter=START)


def create_router() -> Router:
    router = Router(name="inline")
    router.inline_query.register(suggest)
    router.chosen_inline_result.register(chosen)
    return router
