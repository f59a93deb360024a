"""The lines under a picture: what was made otherwise than it was asked for; Telegram HTML."""

from collections.abc import Sequence
from html import escape

from bot.i18n import N_, _, language
from bot.telegram.shortening import shorten
from bot.texts.pictures import LONE_OF_ALBUM
from bot.usecases.spec import AdjustmentNote
from providers.catalog import AdjustmentKind
from providers.local.demo import world
from providers.types import NoteKind

TEXT_SHOWN = 80

ADJUSTMENTS = {
    AdjustmentKind.SIZE: N_("size {asked} became {given}"),
    AdjustmentKind.STEPS: N_("steps {asked} became {given}"),
    AdjustmentKind.GUIDANCE: N_("guidance {asked} became {given}"),
    AdjustmentKind.PRIOR_STEPS: N_("prior steps {asked} became {given}"),
    AdjustmentKind.PRIOR_GUIDANCE: N_("prior guidance {asked} became {given}"),
    AdjustmentKind.STRENGTH: N_("strength {asked} became {given}"),
    AdjustmentKind.SEED: N_("seed {asked} became {given}"),
    AdjustmentKind.SCHEDULER: N_("scheduler {asked} isn't known to this model and was left out"),
    AdjustmentKind.NEGATIVE_PROMPT: N_("--no was longer than this model reads and was cut"),
    AdjustmentKind.STYLE: N_("style {asked} was added to the description in words"),
}
LEFT_OUT = {
    AdjustmentKind.STEPS: N_("--steps can't be set for this model"),
    AdjustmentKind.GUIDANCE: N_("--guidance can't be set for this model"),
    AdjustmentKind.PRIOR_STEPS: N_("--prior-steps can't be set for this model"),
    AdjustmentKind.PRIOR_GUIDANCE: N_("--prior-guidance can't be set for this model"),
    AdjustmentKind.STRENGTH: N_("--strength can't be set for this model"),
    AdjustmentKind.SEED: N_("this model takes no seed"),
    AdjustmentKind.NEGATIVE_PROMPT: N_("--no isn't known to this model and was left out"),
}
SERVICE_NOTES = {
    NoteKind.PROMPT_CUT: N_(
        "The description is longer than this model reads; it never saw “{text}”. Shorten it, or "
        "put what matters first."
    ),
    NoteKind.PROMPT_LANGUAGE: N_(
        "This model wasn't trained on this script. Try the description in English."
    ),
    NoteKind.DEMO_MODEL: N_(
        "This is the small demo model: it doesn't know “{text}”. It knows {world}."
    ),
    NoteKind.STYLE_NEAREST: N_("This model has no such style; the nearest it has is {text}."),
    NoteKind.PICTURE_RESIZED: N_(
        "Your picture was fitted to the size this model draws, so its edges may be cut. Try "
        "another shape with --ar."
    ),
}
"""What a service says about how it took a request (`providers.types.Note`)."""


def adjusted(adjustments: Sequence[AdjustmentNote]) -> list[str]:
    """One line for all of them; none for none."""
    if not adjustments:
        return []
    notes = "; ".join(map(_adjustment, adjustments))
    return [_italic(_("Note: {notes}.").format(notes=notes))]


def _adjustment(note: AdjustmentNote) -> str:
    usual = ADJUSTMENTS[note.kind]
    words = _(usual if note.given else LEFT_OUT.get(note.kind, usual))
    return words.format(asked=escape(note.asked), given=escape(note.given))


def lone_of_album() -> str:
    return _italic(_(LONE_OF_ALBUM))


def said_by_service(note: dict[str, str]) -> str:
    text = escape(shorten(note["text"], TEXT_SHOWN), quote=False)
    words = _(SERVICE_NOTES[NoteKind(note["kind"])])
    return _italic(words.format(text=text, world=demo_world()))


def demo_world() -> str:
    """What the demo model can draw, in a few words."""
    known = world.listing("ru" if language() == "ru" else "en")
    return _("{objects}; places: {places}").format(
        objects=", ".join(known["objects"]), places=", ".join(known["places"])
    )


def _italic(html: str) -> str:
    return f"<i>{html}</i>"
