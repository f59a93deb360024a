"""The words of the guided keyboard; Telegram HTML, as in `bot/texts`."""

from html import escape

from bot.i18n import N_, _, ngettext
from bot.usecases.guided import Guide
from bot.usecases.menu import Cost, Menu, Ratio
from providers.styles import find_style

TITLE = N_("<b>What shall I draw?</b>")
SEND_WORDS = N_("Choose, then send me the description.")
REPLY_WORDS = N_("Choose, then press “Write the description”, or reply to this message with it.")
SHAPE = N_("Shape: {shape}")
STYLE = N_("Style: {style}")
MODEL = N_("Model: {model}")
COUNT = N_("Pictures: {count}")
ANY_MODEL = N_("automatic")
RANDOM_STYLE = N_("🎲 Surprise me")
WRITE = N_("✍️ Write the description")
CLOSE = N_("Close")
BACK = N_("◀ Back")
QUESTION = N_("{name}, what shall I draw? Reply to this message with the description.")
STYLES_DIFFER = N_("Each model draws a style in its own way.")
HINT = N_("A fox in the snow")
ASKED = N_("Reply to my question with the description.")
GONE = N_("These buttons are from an earlier request. Send /imagine to begin anew.")
OF_ANOTHER = N_("These buttons are for whoever sent /imagine. Send your own.")
CHOICE_GONE = N_("That isn't there any more.")
CHOSEN = "✓ "
MENTION = '<a href="tg://user?id={id}">{name}</a>'


def guide(guide: Guide, menu: Menu, *, is_private: bool) -> str:
    """Above the buttons."""
    chosen = guide.choices
    facts = [_(STYLE).format(style=style(chosen.style)), _(SHAPE).format(shape=shape(chosen.ratio))]
    facts.append(_(COUNT).format(count=chosen.count))
    price = [cost(menu.cost_of(chosen.model).times(chosen.count))]
    if len(menu.models) > 1:
        price.insert(0, _(MODEL).format(model=model(chosen.model)))
    how = _(SEND_WORDS if is_private else REPLY_WORDS)
    return "\n".join([_(TITLE), " · ".join(facts), " · ".join(price), "", how])


def question(name: str, user_id: int) -> str:
    """The name is a mention: without one, Telegram would open everyone's reply box."""
    shown = escape(name, quote=False)
    mention = MENTION.format(id=user_id, name=shown)
    return _(QUESTION).format(name=mention if user_id > 0 else shown)


def cost(cost: Cost) -> str:
    if cost.least == cost.most:
        return ngettext("{count} unit", "{count} units", cost.most).format(count=cost.most)
    words = ngettext("{least} to {most} unit", "{least} to {most} units", cost.most)
    return words.format(least=cost.least, most=cost.most)


def shape(ratio: Ratio | None) -> str:
    return "{}:{}".format(*ratio) if ratio else "1:1"


def style(name: str | None) -> str:
    return escape(style_button(name))


def style_button(name: str | None) -> str:
    """Plain: buttons have no markup; likewise below."""
    known = find_style(name or "default")
    return _(known.title) if known else name or ""


def model(name: str | None) -> str:
    return escape(name) if name else _(ANY_MODEL)


def model_button(name: str | None, cost_of_one: Cost) -> str:
    return f"{name or _(ANY_MODEL)} · {cost(cost_of_one)}"
