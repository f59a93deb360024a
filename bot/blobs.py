"""Which store the settings name for pictures, and whether it takes us."""

from collections.abc import Mapping
from pathlib import Path

import structlog
from pydantic import SecretStr

from bot.settings import Settings, WrongSetting
from providers.registry import check_credential
from providers.urls import is_plain_url
from storage.base import BlobStore
from storage.blob_places import Access, Bucket, Folder, parse_blob_url
from storage.blobs import FileBlobs
from storage.errors import PicturesAway, PicturesRefused
from storage.object_blobs import ObjectBlobs

PAGE = 1000
PEM = b"-----BEGIN CERTIFICATE-----"

log = structlog.get_logger(__name__)


def setting_of_blobs(settings: Settings) -> str:
    """Which setting says where pictures are."""
    return "BLOB_URL" if settings.blob_url else "DATA_DIR"


def picture_folder(settings: Settings) -> Path | None:
    """Where pictures are, unless they are in a bucket. Raises WrongSetting."""
    place = _place(settings.blob_url) if settings.blob_url else default_folder(settings)
    return place.path if isinstance(place, Folder) else None


def default_folder(settings: Settings) -> Folder:
    return Folder(settings.data_dir.absolute() / "pictures")


def build_blobs(settings: Settings, url: str | None = None) -> BlobStore:
    """At `url`, or where the settings say. Asks no server. Raises WrongSetting."""
    url = url or settings.blob_url
    if url is None:
        return FileBlobs(default_folder(settings).path)
    place = _place(url)
    if isinstance(place, Folder):
        _check_folder(place.path)
        return FileBlobs(place.path)
    return _open_bucket(place, _access(settings))


async def check_blobs(settings: Settings, blobs: BlobStore) -> None:
    """Raises WrongSetting where the store refuses us; one that is away may be back soon."""
    try:
        await blobs.page(limit=1)
    except PicturesRefused as error:
        raise WrongSetting(setting_of_blobs(settings), str(error)) from None
    except PicturesAway as error:
        log.warning("pictures away at the start", reason=error.reason)


async def keys_of(blobs: BlobStore) -> set[str]:
    """Of all pictures there."""
    keys, last = set[str](), ""
    while page := await blobs.page(after=last, limit=PAGE):
        keys |= {blob.key for blob in page}
        last = page[-1].key
    return keys


def _place(url: str) -> Folder | Bucket:
    try:
        return parse_blob_url(url)
    except ValueError as error:
        raise WrongSetting("BLOB_URL", str(error)) from None


def _check_folder(path: Path) -> None:
    """It isn't made here: where a shared disk isn't mounted, pictures would go astray."""
    if not path.is_dir():
        raise WrongSetting("BLOB_URL", f"there is no folder {path}; make or mount it first")


def _open_bucket(bucket: Bucket, access: Access) -> BlobStore:
    try:
        return ObjectBlobs(bucket, access)
    except ModuleNotFoundError:
        raise WrongSetting("BLOB_URL", "obstore not installed: pip install '.[s3]'") from None


def _access(settings: Settings) -> Access:
    keys = {
        "AWS_ACCESS_KEY_ID": settings.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": settings.aws_secret_access_key,
    }
    key_id, key = _read_keys(keys)
    endpoint = settings.aws_endpoint_url
    if endpoint is not None and not is_plain_url(endpoint):
        raise WrongSetting("AWS_ENDPOINT_URL", "not a URL like https://host")
    authority = _read_authority(settings.aws_ca_bundle)
    return Access(endpoint and endpoint.rstrip("/"), settings.aws_region, key_id, key, authority)


def _read_authority(path: Path | None) -> bytes | None:
    try:
        data = path.read_bytes() if path else None
    except OSError as error:
        raise WrongSetting("AWS_CA_BUNDLE", f"can't be read: {error.strerror}") from None
    if data is not None and PEM not in data:
        raise WrongSetting("AWS_CA_BUNDLE", "is no certificate in PEM")
    return data


def _read_keys(keys: Mapping[str, SecretStr | None]) -> list[str]:
    values = []
    for name, secret in keys.items():
        if secret is None:
            raise WrongSetting(name, "is needed with BLOB_URL=s3://")
        try:
            check_credential("the key", secret.get_secret_value())
        except ValueError as error:
            raise WrongSetting(name, str(error)) from None
        values.append(secret.get_secret_value())
    return values
