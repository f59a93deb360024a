"""Jobs, whole."""

from typing import Protocol

from storage.interfaces.deliveries import DeliveryStore
from storage.interfaces.queue import QueueStore
from storage.interfaces.submissions import SubmissionStore


class JobStore(QueueStore, SubmissionStore, DeliveryStore, Protocol):
    """All of a job."""
