"""The words about pictures that came with a command; Telegram HTML, as in `bot/texts.py`."""

from html import escape

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
    Mode.TEXT_TO_IMAGE: "draw from words alone",
    Mode.IMAGE_TO_IMAGE: "start from a picture",
    Mode.INPAINTING: "repaint a part of a picture",
    Mode.BLENDING: "blend pictures",
    Mode.DEPTH_GUIDED: "follow a picture's depth",
}
NONE_GIVEN = {
    "mask": "<code>--mask</code> needs a picture and its mask: reply to a photo with a copy of it "
    "in which you painted over what should change, and put /imagine in the caption.",
    "depth": "<code>--depth</code> needs a picture: send one with /imagine in its caption, or "
    "reply to one.",
    "blend": "<code>--blend</code> needs at least one picture: send it with /imagine in its "
    "caption, or reply to one.",
}
TOO_MANY = f"I can blend up to {MAX_PICTURES} pictures. Send fewer."
TOO_MANY_FOR_MASK = (
    "<code>--mask</code> takes two pictures: the one to change, and its mask. Reply to the first "
    "with the second alone."
)
ONE_EXPECTED = "<code>--{option}</code> takes one picture. Send only that one."
CONFLICT = (
    "<code>--{option}</code> and <code>--{other}</code> can't be combined: they are two ways to "
    "use a picture. Choose one."
)
TROUBLES = {
    PictureTrouble.TOO_LARGE: "{it} is larger than the 20 MB Telegram lets me fetch. "
    "Send it as a photo instead of a file, or make it smaller.",
    PictureTrouble.TOO_MANY_PIXELS: "{it} has too many pixels for me (up to 50 million). "
    "Send it as a photo instead of a file, or make it smaller.",
    PictureTrouble.TOO_SMALL: "{it} is too small or too narrow to work with. Send a larger part "
    "of it.",
    PictureTrouble.NOT_A_PICTURE: "{it} is not a kind of picture I can read. Send a photo, or a "
    "PNG, JPEG or WebP file.",
    PictureTrouble.DAMAGED: "{it} is damaged or cut short. Please send it again.",
    PictureTrouble.GONE: "Telegram doesn't have {it_inside} for me any more. Please send it again.",
    PictureTrouble.UNREACHABLE: "I couldn't fetch {it_inside} from Telegram. Please try again in "
    "a minute.",
    PictureTrouble.NOTHING_PAINTED: "{it} has nothing painted. Paint over what should change in "
    "one strong colour, or send a black picture with that part white.",
    PictureTrouble.NOT_THE_SAME: "{it} doesn't match your picture. Send a copy of that very "
    "picture, uncut, in which you painted over what should change.",
    PictureTrouble.NO_MASK: "I have a picture but no mask. Reply to the photo with a copy of it in "
    "which you painted over what should change, and put /imagine with <code>--mask</code> in the "
    "caption.",
}
LONE_OF_ALBUM = (
    "Only one picture of your album reached me. In a group, make me an admin to let me see them "
    "all, or send one photo as a reply to the other."
)
FAULTY_FIELDS = {
    "mask_image": "The mask can't be used: nothing in it is marked, or it can't be read. Paint "
    "over what should change in one strong colour and send it again.",
    "init_image": "The model can't use the picture you gave. Send it again as a photo, or choose "
    "another one.",
    "init_images": "The model can't use one of the pictures you gave. Send them again as photos, "
    "or choose others.",
    "control_image": "The model can't read depth from this picture. Choose another one.",
    "prompt": "The model can't use this description. Change the words and try again.",
}
"""For a service that refuses a request, by the first field it names."""


def mode_not_taken(error: ModeNotTaken) -> str:
    able = MODES[error.mode]
    if not error.models:
        return f"None of my models can {able}. Send /imagine with a description on its own."
    names = ", ".join(f"<code>{escape(name)}</code>" for name in error.models)
    return f"This model can't {able}. Leave --model and --via out, or choose one that can: {names}."


def wrong_pictures(error: WrongPictures) -> str:
    match error.trouble:
        case PicturesTrouble.NONE_GIVEN:
            return NONE_GIVEN[error.option]
        case PicturesTrouble.TOO_MANY:
            return TOO_MANY_FOR_MASK if error.option == "mask" else TOO_MANY
        case PicturesTrouble.ONE_EXPECTED:
            return ONE_EXPECTED.format(option=error.option)
        case PicturesTrouble.CONFLICT:
            return CONFLICT.format(option=error.option, other=error.other)


def picture_refused(error: PictureRefused) -> str:
    return TROUBLES[error.trouble].format(it=_name(error, "Your"), it_inside=_name(error, "your"))


def _name(error: PictureRefused, whose: str) -> str:
    if error.is_mask:
        return f"{whose} mask"
    return f"{whose} picture" + (f" number {error.number}" if error.number else "")
