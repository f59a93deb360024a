"""What other processes say through the database, and whom it wakes here."""

from bot.delivery import Delivery
from bot.telegram.shared_pace import SharedPace
from bot.worker import Worker
from storage.news import News


class Hearing:
    def __init__(self, worker: Worker, delivery: Delivery, pace: SharedPace) -> None:
        self._worker = worker
        self._delivery = delivery
        self._pace = pace

    def __call__(self, news: News, details: str) -> None:
        match news:
            case News.JOBS:
                self._worker.ring()
            case News.DELIVERIES:
                self._delivery.ring()
            case News.CANCELS:
                self._worker.cancel(int(details))
            case News.PACES:
                self._pace.hear(details)
