"""Who really sent a webhook: the signature of the Standard Webhooks scheme. Pure.

Signed is `id.timestamp.body` with HMAC-SHA256. The header may carry several signatures, each
`version,base64`: while a secret is being changed there is one by each.
"""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime

TOLERANCE = 300.0
"""Seconds a call's timestamp may be off: as long as a recorded one can be played again."""

SECRET_PREFIX = "whsec_"  # noqa: S105 - what secrets begin with
VERSION = "v1"
_LONGEST_STAMP = 12


def signing_key(secret: str) -> bytes:
    """The key inside `whsec_...`. Raises ValueError, which doesn't quote it."""
    encoded = secret.removeprefix(SECRET_PREFIX)
    try:
        key = base64.b64decode(encoded, validate=True) if encoded != secret else b""
    except ValueError:
        key = b""
    if not key:
        raise ValueError(f"must be {SECRET_PREFIX} and base64 after it")
    return key


def is_signed(headers: Mapping[str, str], body: bytes, *, key: bytes, now: datetime) -> bool:
    """Whether it comes from who has the key, and just now. Header names are in lower case."""
    stamp = headers.get("webhook-timestamp", "")
    if not _is_recent(stamp, now):
        return False
    signed = b".".join([_raw(headers.get("webhook-id", "")), _raw(stamp), body])
    expected = base64.b64encode(hmac.digest(key, signed, "sha256"))
    given = [each.partition(",") for each in headers.get("webhook-signature", "").split()]
    return any(
        version == VERSION and hmac.compare_digest(_raw(signature), expected)
        for version, _, signature in given
    )


def _is_recent(stamp: str, now: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= _LONGEST_STAMP):
        return False
    return abs(now.timestamp() - int(stamp)) <= TOLERANCE


def _raw(header: str) -> bytes:
    """The bytes that came; the web server keeps those that are no UTF-8 as surrogates."""
    return header.encode("utf-8", "surrogateescape")
