"""What only the bot's owners can mend, told to each of ADMIN_IDS once; the gates see to the once."""

from collections.abc import Collection
from functools import partial
from html import escape

from aiogram import Bot

from bot import texts
from bot.outbox import Outbox
from providers.health import Trouble


class Alerts:
    def __init__(self, bot: Bot, outbox: Outbox, admin_ids: Collection[int]) -> None:
        self._bot = bot
        self._outbox = outbox
        self._admin_ids = admin_ids

    def __call__(self, provider: str, trouble: Trouble) -> None:
        text = texts.TROUBLES[trouble].format(provider=escape(provider))
        for admin_id in self._admin_ids:
            self._outbox.put(admin_id, partial(self._bot.send_message, admin_id, text))
