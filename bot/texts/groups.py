"""What is read in groups alone: shared units, rules of the chat, its settings."""

from html import escape

from bot.i18n import N_, _
from bot.texts import everyday as texts
from bot.usecases.chat_limits import Shared
from bot.usecases.errors import PoolUsedUp
from storage.records import QuotaView

POOL = N_("This group shares <b>{left}</b>, {daily_left} of {daily_limit} for today.")
UNLIMITED_POOL = N_("This group shares as many units as it needs.")
NOTHING_SHARED = N_("This group shares nothing: everyone draws with their own units.")
UNKNOWN_GROUP = N_("A group I haven't seen")
POOL_HELP = N_("They are used where someone's own units don't suffice.")
POOL_USED_UP = N_(
    "This needs {needed}. You have {left} left, and this group's shared units are down to "
    "{pool_left}."
)


def pool(view: QuotaView | None) -> str:
    """Below what a person has left; empty where the group shares nothing."""
    if view is None:
        return ""
    if view.unlimited:
        return f"\n\n{_(UNLIMITED_POOL)} {_(POOL_HELP)}"
    line = _(POOL).format(
        left=texts.units(view.left), daily_left=view.daily_left, daily_limit=view.daily_limit
    )
    return f"\n\n{line} {_(POOL_HELP)}"


def shared(shared: Shared) -> str:
    """What an admin has set."""
    name = escape(shared.title, quote=False) if shared.title else _(UNKNOWN_GROUP)
    title = f"✓ <b>{name}</b> <code>{shared.chat_id}</code>"
    return title + (pool(shared.view) or f"\n\n{_(NOTHING_SHARED)}")


def pool_used_up(error: PoolUsedUp) -> str:
    words = _(POOL_USED_UP).format(
        needed=texts.units(error.needed), left=texts.units(error.left), pool_left=error.pool_left
    )
    return f"{words} {texts.resets(error.resets_at, error.zone, error.now)}"
