"""`/chatsettings cooldown 60` -> a change of the chat's settings; pure. Buttons carry such words."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from bot.commands.options import Choices, read_size, readers
from bot.commands.refusals import Refused
from bot.usecases.chat_settings import (
    ENABLED,
    LATEST_DELETION,
    LONGEST_COOLDOWN,
    TOGGLE_TOPIC,
    Changes,
    ChatSettings,
    Nsfw,
)
from bot.usecases.errors import WrongChatSetting

OFF = "off"
NONE = frozenset({OFF, "none", "no", "0"})
SWITCH = {"on": True, "yes": True, OFF: False, "no": False}
_HOURS = re.compile(r"(\d{1,2})(?::00)?[-–—](\d{1,2})(?::00)?")  # noqa: RUF001 - phones write these
_LAST_HOUR = 23

Reader = Callable[[str], Changes]


@dataclass(frozen=True, slots=True)
class Here:
    """What can be chosen where the words were said. topic: the message's own, 0 for General."""

    styles: Collection[str]
    models: Collection[str]
    nsfw_allowed: Nsfw
    topic: int = 0


def read_change(name: str, value: str, here: Here) -> Changes:
    """Raises WrongChatSetting."""
    reader = _readers(here).get(name.lower())
    if reader is None:
        raise WrongChatSetting
    try:
        return reader(value.strip())
    except (Refused, ValueError, KeyError):
        raise WrongChatSetting(name.lower()) from None


def words_of(settings: ChatSettings, *, enabled: bool) -> dict[str, str]:
    """Every setting's value, as it would be typed."""
    return {
        "enabled": "on" if enabled else OFF,
        "who": settings.who,
        "style": settings.style or OFF,
        "ratio": "{}:{}".format(*settings.ratio) if settings.ratio else OFF,
        "model": settings.model or OFF,
        "cooldown": str(settings.cooldown or OFF),
        "quiet": "{}-{}".format(*settings.quiet) if settings.quiet else OFF,
        "nsfw": settings.nsfw.value,
        "delete": str(settings.auto_delete or OFF),
        "topics": ",".join(map(str, settings.topics)) or "all",
    }


def _readers(here: Here) -> Mapping[str, Reader]:
    by_option = readers(Choices(here.styles, here.models, ()))
    return {
        "enabled": lambda value: {ENABLED: SWITCH[value.lower()]},
        "who": lambda value: {"who": _among(value, ("everyone", "admins"))},
        "style": lambda value: {"style": None} if _is_none(value) else by_option["style"](value),
        "ratio": lambda value: {"ratio": None if _is_none(value) else _ratio(value)},
        "model": lambda value: {"model": None} if _is_none(value) else by_option["model"](value),
        "cooldown": lambda value: {"cooldown": _number(value, LONGEST_COOLDOWN)},
        "quiet": lambda value: {"quiet": None if _is_none(value) else _hours(value)},
        "nsfw": lambda value: {"nsfw": _nsfw(value, here.nsfw_allowed)},
        "delete": lambda value: {"auto_delete": _number(value, LATEST_DELETION)},
        "topics": lambda value: _topics(value, here.topic),
    }


def _is_none(value: str) -> bool:
    return value.lower() in NONE


def _among(value: str, words: Collection[str]) -> str:
    if value.lower() not in words:
        raise ValueError(value)
    return value.lower()


def _number(value: str, highest: int) -> int:
    number = 0 if _is_none(value) else int(value)
    if not 0 <= number <= highest:
        raise ValueError(value)
    return number


def _ratio(value: str) -> tuple[int, int]:
    ratio: tuple[int, int] = read_size(value)["aspect_ratio"]  # pixels are no default: KeyError
    return ratio


def _hours(value: str) -> tuple[int, int]:
    found = _HOURS.fullmatch(re.sub(r"\s", "", value))
    if found is None:
        raise ValueError(value)
    begin, end = int(found[1]), int(found[2]) % (_LAST_HOUR + 1)
    if begin > _LAST_HOUR or int(found[2]) > _LAST_HOUR + 1 or begin == end:
        raise ValueError(value)
    return begin, end


def _nsfw(value: str, allowed: Nsfw) -> Nsfw:
    asked = Nsfw(value.lower())
    if asked.at_most(allowed) is not asked:
        raise ValueError(value)
    return asked


def _topics(value: str, here: int) -> dict[str, Any]:
    return {"topics": ()} if _among(value, ("all", "here")) == "all" else {TOGGLE_TOPIC: here}
