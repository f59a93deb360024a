"""Bodies of kind multipart/form-data (RFC 7578), where every part may have a content type of its own.

Put together by hand since adapters don't see httpx, and a part that is JSON must say so.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

_PLAIN = re.compile(r"[\w.\[\]-]+", re.ASCII)
_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?[\w-]+=[\w-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """A field, or a file where it has a filename.

    Names are ours, never a user's. Raises ValueError for one that would need quoting.
    """

    name: str
    data: bytes = field(repr=False)
    content_type: str | None = None
    filename: str | None = None

    def __post_init__(self) -> None:
        for word in (self.name, self.filename):
            if word is not None and not _PLAIN.fullmatch(word):
                raise ValueError(f"not a plain name: {word!r}")
        if self.content_type is not None and not _CONTENT_TYPE.fullmatch(self.content_type):
            raise ValueError(f"not a content type: {self.content_type!r}")


def text_part(name: str, value: object, content_type: str | None = None) -> Part:
    """A field; services read its text as UTF-8."""
    return Part(name, str(value).encode(), content_type)


def encode_multipart(parts: Iterable[Part]) -> tuple[str, bytes]:
    """The Content-Type header and the body."""
    boundary = secrets.token_hex(16)  # 128 random bits: no data has them by chance
    body = b"".join(
        b"--%b\r\n%b\r\n\r\n%b\r\n" % (boundary.encode(), _head(part), part.data) for part in parts
    )
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def _head(part: Part) -> bytes:
    filename = f'; filename="{part.filename}"' if part.filename is not None else ""
    lines = [f'Content-Disposition: form-data; name="{part.name}"{filename}']
    if part.content_type is not None:
        lines.append(f"Content-Type: {part.content_type}")
    return "\r\n".join(lines).encode()
