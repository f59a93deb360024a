"""Who runs the bot: its owners (ADMIN_IDS), and the admins they name in the chat."""

from collections.abc import Collection

from storage.base import Storage

ADMIN = "admin"


class Roles:
    def __init__(self, storage: Storage, owner_ids: Collection[int]) -> None:
        self._storage = storage
        self._owner_ids = frozenset(owner_ids)

    def is_owner(self, user_id: int) -> bool:
        return user_id in self._owner_ids

    async def is_admin(self, user_id: int) -> bool:
        """Owners are admins too."""
        if self.is_owner(user_id):
            return True
        async with self._storage.reading() as view:
            user = await view.users.get(user_id)
        return user is not None and user.role == ADMIN
