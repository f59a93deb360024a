"""The words about pictures that came with a command; Telegram HTML."""

from html import escape

from bot.i18n import N_, _, ngettext
from bot.usecases.errors import (
    ModeNotTaken,
    PictureRefused,
    PicturesTrouble,
    PictureTrouble,
    WrongPictures,
)
from bot.usecases.given import MAX_PICTURES
from providers.types import Mode

MODES = {
    Mode.TEXT_TO_IMAGE: N_("draw from words alone"),
    Mode.IMAGE_TO_IMAGE: N_("start from a picture"),
    Mode.INPAINTING: N_("repaint a part of a picture"),
    Mode.BLENDING: N_("blend pictures"),
    Mode.DEPTH_GUIDED: N_("follow a picture's depth"),
}
NONE_GIVEN = {
    "mask": N_(
        "<code>--mask</code> needs a picture and its mask: reply to a photo with a copy of it "
        "in which you painted over what should change, and put /imagine in the caption."
    ),
    "depth": N_(
        "<code>--depth</code> needs a picture: send one with /imagine in its caption, or "
        "reply to one."
    ),
    "blend": N_(
        "<code>--blend</code> needs at least one picture: send it with /imagine in its "
        "caption, or reply to one."
    ),
}
TOO_MANY_FOR_MASK = N_(
    "<code>--mask</code> takes two pictures: the one to change, and its mask. Reply to the first "
    "with the second alone."
)
ONE_EXPECTED = N_("<code>--{option}</code> takes one picture. Send only that one.")
CONFLICT = N_(
    "<code>--{option}</code> and <code>--{other}</code> can't be combined: they are two ways to "
    "use a picture. Choose one."
)
TROUBLES = {
    PictureTrouble.TOO_LARGE: N_(
        "{it} is larger than the 20 MB Telegram lets me fetch. "
        "Send it as a photo instead of a file, or make it smaller."
    ),
    PictureTrouble.TOO_MANY_PIXELS: N_(
        "{it} has too many pixels for me (up to 50 million). "
        "Send it as a photo instead of a file, or make it smaller."
    ),
    PictureTrouble.TOO_SMALL: N_(
        "{it} is too small or too narrow to work with. Send a larger part of it."
    ),
    PictureTrouble.NOT_A_PICTURE: N_(
        "{it} is not a kind of picture I can read. Send a photo, or a PNG, JPEG or WebP file."
    ),
    PictureTrouble.DAMAGED: N_("{it} is damaged or cut short. Please send it again."),
    PictureTrouble.GONE: N_("{it} is no longer kept by Telegram. Please send it again."),
    PictureTrouble.UNREACHABLE: N_(
        "{it} couldn't be fetched from Telegram. Please try again in a minute."
    ),
    PictureTrouble.NOTHING_PAINTED: N_(
        "{it} has nothing painted. Paint over what should change in "
        "one strong colour, or send a black picture with that part white."
    ),
    PictureTrouble.NOT_THE_SAME: N_(
        "{it} doesn't match your picture. Send a copy of that very "
        "picture, uncut, in which you painted over what should change."
    ),
    PictureTrouble.NO_MASK: N_(
        "I have a picture but no mask. Reply to the photo with a copy of it in "
        "which you painted over what should change, and put /imagine with <code>--mask</code> in the "
        "caption."
    ),
}
LONE_OF_ALBUM = N_(
    "Only one picture of your album reached me. In a group, make me an admin to let me see them "
    "all, or send one photo as a reply to the other."
)
FAULTY_FIELDS = {
    "mask_image": N_(
        "The mask can't be used: nothing in it is marked, or it can't be read. Paint "
        "over what should change in one strong colour and send it again."
    ),
    "init_image": N_(
        "The model can't use the picture you gave. Send it again as a photo, or choose another one."
    ),
    "init_images": N_(
        "The model can't use one of the pictures you gave. Send them again as photos, "
        "or choose others."
    ),
    "control_image": N_("The model can't read depth from this picture. Choose another one."),
    "prompt": N_("The model can't use this description. Change the words and try again."),
}
"""For a service that refuses a request, by the first field it names."""


def mode_not_taken(error: ModeNotTaken) -> str:
    able = _(MODES[error.mode])
    if not error.models:
        words = _("None of my models can {able}. Send /imagine with a description on its own.")
        return words.format(able=able)
    names = ", ".join(f"<code>{escape(name)}</code>" for name in error.models)
    return _(
        "This model can't {able}. Leave --model and --via out, or choose one that can: {names}."
    ).format(able=able, names=names)


def wrong_pictures(error: WrongPictures) -> str:
    match error.trouble:
        case PicturesTrouble.NONE_GIVEN:
            return _(NONE_GIVEN[error.option])
        case PicturesTrouble.TOO_MANY:
            return _(TOO_MANY_FOR_MASK) if error.option == "mask" else _too_many()
        case PicturesTrouble.ONE_EXPECTED:
            return _(ONE_EXPECTED).format(option=error.option)
        case PicturesTrouble.CONFLICT:
            return _(CONFLICT).format(option=error.option, other=error.other)


def _too_many() -> str:
    return ngettext(
        "I can blend up to {count} picture. Send fewer.",
        "I can blend up to {count} pictures. Send fewer.",
        MAX_PICTURES,
    ).format(count=MAX_PICTURES)


def picture_refused(error: PictureRefused) -> str:
    return _(TROUBLES[error.trouble]).format(it=_name(error))


def _name(error: PictureRefused) -> str:
    if error.is_mask:
        return _("Your mask")
    if error.number:
        return _("Your picture number {number}").format(number=error.number)
    return _("Your picture")
