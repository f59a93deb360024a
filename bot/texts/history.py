"""The words of /history and /show; Telegram HTML, as in `bot/texts`."""

from html import escape
from zoneinfo import ZoneInfo

from bot.i18n import N_, _
from bot.usecases.results import Result
from bot.usecases.show_history import HistoryPage

TITLE = N_("<b>Your pictures</b>, newest first. Press a number to see one again.")
EMPTY = N_("You have no pictures yet. Try <code>/imagine a fox in the snow</code>")
IN_ONE = N_("{count} in one")
NOT_KEPT = N_("not kept any more")
NEWER = N_("◀ Newer")
OLDER = N_("Older ▶")
CLOSE = N_("Close")
PRIVATE_ONLY = N_("Your pictures are yours alone: send /history in our private chat.")
SHOW_WHICH = N_("Tell me which picture: <code>/show 12</code>. The numbers are in /history.")
NO_SUCH_PICTURE = N_("You have no picture of this number, or it isn't kept any more. See /history.")
COMES = N_("Number {number} is on its way…")
PROMPT_SHOWN = 48  # characters: nine lines fit a caption


def page(shown: HistoryPage, zone: ZoneInfo) -> str:
    lines = [_line(number, result, zone) for number, result in enumerate(shown.results, 1)]
    return "\n".join([_(TITLE), "", *lines])


def _line(number: int, result: Result, zone: ZoneInfo) -> str:
    facts = [f"{result.job.created_at.astimezone(zone):%Y-%m-%d}", f"/show_{result.job.id}"]
    if not result.artifacts:
        facts[-1] = _(NOT_KEPT)
    elif len(result.artifacts) > 1:
        facts.insert(0, _(IN_ONE).format(count=len(result.artifacts)))
    return f"{number}. {escape(_short(result.spec.wish.prompt), quote=False)} · {' · '.join(facts)}"


def _short(prompt: str) -> str:
    line = " ".join(prompt.split())
    return line if len(line) <= PROMPT_SHOWN else line[: PROMPT_SHOWN - 1].rstrip() + "…"
