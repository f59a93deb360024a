"""Every update is answered in its sender's language: the one chosen here, else Telegram's."""

from typing import Any

from aiogram.types import TelegramObject, User
from aiogram.utils.i18n import I18nMiddleware

from bot.i18n import CATALOGS, spoken
from bot.services import Services

LANGUAGE = "language"  # the update's own, for whoever comes after


class Locale(I18nMiddleware):
    def __init__(self) -> None:
        super().__init__(CATALOGS, i18n_key=None, middleware_key="")

    async def get_locale(self, event: TelegramObject, data: dict[str, Any]) -> str:
        user: User | None = data.get("event_from_user")
        services: Services = data["services"]
        chosen = await services.languages.of(user.id) if user else None
        data[LANGUAGE] = language = chosen or spoken(user.language_code if user else None)
        return language


class LocaleOfError(I18nMiddleware):
    """An error is told after its update's middlewares are left, and asks no storage: that may be
    what failed.
    """

    def __init__(self) -> None:
        super().__init__(CATALOGS, i18n_key=None, middleware_key="")

    async def get_locale(self, event: TelegramObject, data: dict[str, Any]) -> str:
        user: User | None = data.get("event_from_user")
        return data.get(LANGUAGE) or spoken(user.language_code if user else None)
