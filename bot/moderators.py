"""From the settings to who judges prompts. Reads files, so call it in a thread."""

from pathlib import Path

from bot.settings import Settings, WrongSetting
from bot.usecases.moderation import Moderation
from providers.clock import Clock
from providers.moderation.base import PromptModerator
from providers.moderation.rules import WordRules, shipped_lists
from providers.moderation.wordlist import BadList, WordLists

LARGEST_LIST = 1_000_000  # bytes


def build_moderation(settings: Settings, clock: Clock) -> Moderation:
    """Raises WrongSetting for a list that can't be read."""
    return Moderation(
        WordRules(read_lists(settings)),
        _service(settings, clock),
        open_when_down=settings.moderation_when_down == "open",
    )


def read_lists(settings: Settings) -> WordLists:
    """What the bot comes with, and the owner's additions and exceptions. Raises WrongSetting."""
    lists = shipped_lists()
    for setting, path, add in (
        ("PROMPT_BLOCKLIST", settings.prompt_blocklist, lists.add_blocklist),
        ("PROMPT_ALLOWLIST", settings.prompt_allowlist, lists.add_allowlist),
    ):
        if path is not None:
            text = _read(setting, path)
            try:
                add(text)
            except BadList as error:
                raise WrongSetting(setting, f"{path}, {error}") from None
    return lists


def _read(setting: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_LIST + 1)
    except OSError as error:
        raise WrongSetting(setting, f"{path} can't be read: {error.strerror}") from None
    if len(data) > LARGEST_LIST:
        raise WrongSetting(setting, f"{path} is larger than {LARGEST_LIST} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongSetting(setting, f"{path} is not a text in UTF-8") from None


def _service(settings: Settings, clock: Clock) -> PromptModerator | None:
    if settings.moderation_url is None:
        return None
    from providers.http import HttpClient  # noqa: PLC0415 - who doesn't ask needs no httpx
    from providers.moderation.service import ModerationService  # noqa: PLC0415 - the same

    key = settings.moderation_api_key
    return ModerationService(
        settings.moderation_url,
        api_key=key.get_secret_value() if key else None,
        model=settings.moderation_model,
        http=HttpClient(clock),
        clock=clock,
    )
