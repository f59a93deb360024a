"""The words about models and styles, and about what none of them can do; Telegram HTML."""

from collections.abc import Sequence
from html import escape

from bot.i18n import N_, _
from bot.texts.measures import units
from providers.catalog import Misfit, MisfitReason, Offer
from providers.router import NoSuchOffer
from providers.styles import STYLES

NO_MODELS = N_("I have no model to draw with at the moment. Please tell the owner of this bot.")
MODE_NOT_TAKEN = N_(
    "None of my models can do that with a picture. Send /imagine with a description on its own."
)


def styles(names: Sequence[str] = ()) -> str:
    known = {style.name: _(style.title) for style in STYLES}
    lines = [f"<code>--style {name}</code>  {escape(title)}" for name, title in known.items()]
    lines += [f"<code>--style {escape(name)}</code>" for name in sorted(set(names) - set(known))]
    return "\n".join([_("<b>Styles</b>"), *lines])


def models(offers: Sequence[Offer]) -> str:
    if not offers:
        return _(NO_MODELS)
    heading = _("<b>Models</b>, the first is used unless you choose")
    return "\n".join([heading, *map(_model, offers)])


def _model(offer: Offer) -> str:
    return _("{model} by {provider} · {price} a picture").format(
        model=f"<code>--model {escape(offer.model)}</code>",
        provider=f"<code>--via {escape(offer.provider)}</code>",
        price=units(offer.cost),
    )


def misfit(error: Misfit) -> str:
    match error.reason:
        case MisfitReason.PROMPT_TOO_LONG:
            return _prompt_too_long(error)
        case MisfitReason.MODE:
            return _(MODE_NOT_TAKEN)
        case MisfitReason.STYLE_UNKNOWN:
            return _("There is no style <code>{style}</code>. See /styles.").format(
                style=escape(error.asked)
            )


def _prompt_too_long(error: Misfit) -> str:
    words = _(
        "The description is too long: {length} characters, and the model takes {limit}. Please "
        "shorten it."
    )
    return words.format(length=escape(error.asked), limit=escape(error.limit))


def no_such_offer(error: NoSuchOffer) -> str:
    if error.option is None:
        return _(NO_MODELS)
    return _(
        "I can't combine that: {option} <code>{value}</code>. You can choose from: {allowed}."
    ).format(
        option=error.option,
        value=escape(error.value),
        allowed=", ".join(f"<code>{escape(name)}</code>" for name in error.allowed),
    )
