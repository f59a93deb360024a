"""What only the bot's owners can mend, told to each of ADMIN_IDS; whoever calls sees to the once."""

from collections.abc import Callable, Collection
from functools import partial

from aiogram import Bot

from bot.i18n import use_locale
from bot.telegram.outbox import Outbox
from bot.texts import everyday as texts
from bot.usecases.languages import Languages
from providers.health import Trouble


class Alerts:
    def __init__(
        self, bot: Bot, outbox: Outbox, languages: Languages, admin_ids: Collection[int]
    ) -> None:
        self._bot = bot
        self._outbox = outbox
        self._languages = languages
        self._admin_ids = admin_ids

    def __call__(self, provider: str, trouble: Trouble) -> None:
        self.tell(lambda: texts.trouble(trouble, provider))

    def tell(self, words: Callable[[], str]) -> None:
        """`words` is called for each of them, in their language."""
        for admin_id in self._admin_ids:
            self._outbox.put(admin_id, partial(self._tell, admin_id, words))

    async def _tell(self, admin_id: int, words: Callable[[], str]) -> None:
        with use_locale(await self._languages.unasked(admin_id)):
            text = words()
        await self._bot.send_message(admin_id, text)
