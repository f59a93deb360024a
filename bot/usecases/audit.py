"""What owners and admins did, a page at a time."""

from dataclasses import dataclass

from storage.base import Storage
from storage.records import AuditLine

PAGE = 10


@dataclass(frozen=True, slots=True)
class AuditPage:
    """lines: newest first; older: what to ask for the next page with, None on the last one."""

    lines: tuple[AuditLine, ...]
    older: int | None


class ShowAudit:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def __call__(self, target_id: int | None, before: int | None = None) -> AuditPage:
        async with self._storage.reading() as view:
            found = await view.audit.newest(target_id=target_id, before=before, limit=PAGE + 1)
        shown = tuple(found[:PAGE])
        return AuditPage(shown, shown[-1].id if len(found) > PAGE else None)
