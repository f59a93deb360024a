"""Words about pictures and the places where they are kept, for users and for the owners."""

from html import escape

from bot.i18n import N_, _, ngettext

PICTURES_AWAY = N_("I can't get at my pictures right now. Please try again in a few minutes.")


def strangers(count: int, place: str) -> str:
    """place: the setting that says where pictures are."""
    return ngettext(
        "{count} stored picture belongs to no request in my database. I delete nothing until you "
        "look: do <code>DATABASE_URL</code> and <code>{place}</code> "
        "belong together? If they do, move the pictures that are too many away by hand.",
        "{count} stored pictures belong to no request in my database. I delete nothing until you "
        "look: do <code>DATABASE_URL</code> and <code>{place}</code> "
        "belong together? If they do, move the pictures that are too many away by hand.",
        count,
    ).format(count=count, place=escape(place))


def away(reason: str) -> str:
    """To the owners."""
    return _(
        "Pictures can't be stored or read: {reason}. Finished pictures wait some minutes for the "
        "store to come back, then their requests fail free of charge."
    ).format(reason=escape(reason))


def damaged(key: str) -> str:
    """To the owners."""
    return _(
        "A stored picture is damaged: <code>{key}</code>. Its owner is told that it is lost. Look "
        "at the disk or the store it lies in; a backup may still have it. Further ones stand in the log."
    ).format(key=key)


def unwritable(setting: str, reason: str) -> str:
    """To the owners."""
    return _(
        "<code>{setting}</code> can't be written: {reason}. Requests wait until it can; nothing is "
        "lost meanwhile."
    ).format(setting=escape(setting), reason=escape(reason))


def nearly_full(setting: str, free: int) -> str:
    """To the owners."""
    return _(
        "The disk with <code>{setting}</code> is nearly full, {megabytes} MB are left. Free some "
        "space, or let old pictures go: <code>RETENTION_DAYS</code>."
    ).format(setting=escape(setting), megabytes=free // 1_000_000)
