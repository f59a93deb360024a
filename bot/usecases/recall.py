"""Someone who asked to be forgotten is back: what is held against them, and their units, with them.

Neither a ban nor a quota can be shaken off by being forgotten. Until then both stand under a keyed
hash of the id, and the account under a number made of it.
"""

from datetime import datetime
from hashlib import sha256
from hmac import HMAC
from secrets import token_hex
from typing import NamedTuple

from storage.base import Stores

SECRET = "forgetting_secret"  # noqa: S105 - what it is kept under


class Pseudonym(NamedTuple):
    """nobody: in place of the id; below -2**62, where no person, chat or message is."""

    key: str
    nobody: int


async def pseudonym(tx: Stores, user_id: int, now: datetime) -> Pseudonym:
    """The same one for the same person, made with a secret that this bot draws once."""
    return _pseudonym(await tx.controls.keep_first(SECRET, token_hex(32), now=now), user_id)


def _pseudonym(secret: str, user_id: int) -> Pseudonym:
    key = HMAC(bytes.fromhex(secret), str(user_id).encode(), sha256).hexdigest()
    return Pseudonym(key, -(2**62) - (int(key[:16], 16) >> 3))


async def recall(tx: Stores, user_id: int, now: datetime) -> None:
    """To be called before someone is remembered, or changed by an admin: they may not be new."""
    secret = await tx.controls.get(SECRET)
    if secret is None:  # nobody ever asked to be forgotten
        return
    known = _pseudonym(secret, user_id)
    if await tx.forgetting.recall(user_id, nobody=known.nobody, key=known.key):
        await tx.quotas.transfer(known.nobody, user_id, now=now)
