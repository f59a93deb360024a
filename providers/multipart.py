"""A multipart/form-data body (RFC 7578) whose parts may have a content type of their own."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form. `name` is ours, plain ASCII without quotes."""

    name: str
    value: bytes = field(repr=False)
    content_type: str | None = None


def encode_form(parts: Sequence[Part]) -> tuple[str, bytes]:
    """The header's content type, and the body."""
    # 128 random bits: nobody can put this line into a prompt.
    boundary = secrets.token_hex(16)
    body = b"".join(_part(boundary, part) for part in parts) + f"--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body


def _part(boundary: str, part: Part) -> bytes:
    lines = [f"--{boundary}", f'Content-Disposition: form-data; name="{part.name}"']
    if part.content_type is not None:
        lines.append(f"Content-Type: {part.content_type}")
    return "\r\n".join([*lines, "", ""]).encode() + part.value + b"\r\n"
