"""How Replicate signs its webhooks, written down apart from the code that checks it."""

import base64
import hashlib
import hmac

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of the scheme's public example


def signed_headers(
    body: bytes, *, at: float, secret: str = SECRET, ident: str = "msg_1"
) -> dict[str, str]:
    """at: the time of sending, in seconds since 1970."""
    key = base64.b64decode(secret.split("_")[1])
    signed = f"{ident}.{int(at)}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "Webhook-ID": ident,
        "Webhook-Timestamp": str(int(at)),
        "Webhook-Signature": f"v1,{signature}",
    }
