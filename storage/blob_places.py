"""Where pictures are kept, by a URL: a folder, or a bucket of an S3-compatible store."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
PREFIX = re.compile(r"([A-Za-z0-9!_'()-][A-Za-z0-9!_.'()-]*/)*")


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path


@dataclass(frozen=True, slots=True)
class Bucket:
    """prefix: what every object's name begins with, empty or with a slash at its end."""

    name: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Access:
    """endpoint: of a store that isn't AWS's, http or https. authority: who vouches for its
    certificate besides those whom everybody knows, as PEM.
    """

    endpoint: str | None
    region: str
    key_id: str = field(repr=False)
    key: str = field(repr=False)
    authority: bytes | None = None


def parse_blob_url(url: str) -> Folder | Bucket:
    """Raises ValueError; its words repeat nothing of the URL."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        path = Path(unquote(parts.path))
        if parts.netloc not in {"", "localhost"} or not path.is_absolute():
            raise ValueError("must be a whole path: file:///path/to/pictures")
        return Folder(path)
    if parts.scheme != "s3":
        raise ValueError("must begin with file:/// or s3://")
    prefix = f"{parts.path.strip('/')}/".lstrip("/")
    if parts.query or parts.fragment or not PREFIX.fullmatch(prefix):
        raise ValueError("must be s3://bucket or s3://bucket/prefix, in plain letters")
    if not BUCKET.fullmatch(parts.netloc):
        raise ValueError("names no bucket: s3://bucket/prefix")
    return Bucket(parts.netloc, prefix)
