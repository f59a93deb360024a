"""Pictures in a bucket of an S3-compatible store: prefix/<sha256>/<a name for each put>.

Every put makes an object of its own, and only what was listed is deleted. So a picture that is put
again while it is being deleted stays, at any store: deletion on a condition, which few have, isn't
needed. Of several objects of one picture the newest whole one counts.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from storage.blob_places import Access, Bucket
from storage.blobs import is_key, key_of
from storage.errors import PictureDamaged, PictureMissing, PicturesAway, PicturesRefused
from storage.records import StoredBlob

PATIENCE = 45.0
"""Seconds for a request with all its repetitions: half of the time a delivery has."""
CONNECT = timedelta(seconds=5)
AGAIN = 2  # times; what takes longer to mend is waited out by those who ask
PAGE = 1000  # objects, the most that S3 lists at once
BEYOND = "~"  # sorts after every name of a put

CODE = re.compile(r"<Code>(\w{1,64})</Code>")
STATUS = re.compile(r"status code: (\d{3})")
REFUSALS = frozenset({"NoSuchBucket", "PermanentRedirect", "AuthorizationHeaderMalformed"})
"""No such place, or another region's."""
FORBIDDEN = frozenset({"401", "403"})

TOO_LATE = "no answer in time"

Put = dict[str, Any]


class ObjectBlobs:
    """The BlobStore in a bucket. How old a picture is says the store's own clock. Needs the [s3] extra:
    without it there is a ModuleNotFoundError.

    Raises PicturesRefused, a PicturesAway, for what only the owner can mend. What the store said is
    in neither: it may repeat keys and signatures.
    """

    def __init__(self, bucket: Bucket, access: Access, *, patience: float = PATIENCE) -> None:
        from obstore import exceptions  # noqa: PLC0415 - an extra

        self._failed = (exceptions.BaseError, FileNotFoundError)
        self._store = _connect(bucket, access, timedelta(seconds=patience))
        self._patience = patience

    async def put(self, data: bytes) -> str:
        key = await asyncio.to_thread(key_of, data)
        async with self._asking():  # signed with its SHA-256: the store takes all of it or nothing
            path = f"{key}/{secrets.token_hex(8)}"
            await self._store.put_async(path, data, use_multipart=False)
        return key

    async def get(self, key: str) -> bytes:
        missing = PictureMissing(key)
        for put in await self._puts(key):
            data = await self._read(put)
            if data is None:
                continue
            if await asyncio.to_thread(key_of, data) == key:
                return data
            missing = PictureDamaged(key)
        raise missing

    async def delete(self, key: str, *, put_before: datetime | None = None) -> None:
        puts = await self._puts(key)
        if put_before is None or all(_put_at(put) < put_before for put in puts):
            await self._delete(puts)

    async def page(self, *, after: str = "", limit: int) -> list[StoredBlob]:
        found: list[StoredBlob] = []
        async with aclosing(self._pictures(after)) as pictures:
            async for key, puts in pictures:
                found.append(StoredBlob(key, max(map(_put_at, puts))))
                if len(found) == limit:
                    break
        return found

    async def tidy(self, *, before: datetime) -> None:
        """Of a picture that was put several times the newest stays. Nobody reads the others any more
        once that one is old, too.
        """
        async with aclosing(self._pictures("")) as pictures:
            async for _, puts in pictures:
                newest, *others = _newest_first(puts)
                if _put_at(newest) < before:
                    await self._delete(others)

    async def _puts(self, key: str) -> list[Put]:
        """The objects of a picture, newest first."""
        if not is_key(key):
            raise PictureMissing(key)
        async with aclosing(self._listed(prefix=key)) as puts:
            return _newest_first([put async for put in puts])

    async def _pictures(self, after: str) -> AsyncGenerator[tuple[str, list[Put]]]:
        """All beyond the key `after`, by key, each with its objects."""
        beyond = f"{after}/{BEYOND}" if after else None
        last, puts = "", list[Put]()
        async with aclosing(self._listed(offset=beyond)) as listed:
            async for put in listed:
                key = put["path"].partition("/")[0]
                if puts and key != last:
                    yield last, puts
                    puts = []
                if is_key(key):
                    puts.append(put)
                last = key
        if puts:
            yield last, puts

    async def _listed(self, **where: str | None) -> AsyncGenerator[Put]:
        """By name, as S3 lists them."""
        pages = self._store.list(**where, chunk_size=PAGE)
        while True:
            async with self._asking():
                page = await anext(pages, None)
            if page is None:
                return
            for put in page:
                yield put

    async def _read(self, put: Put) -> bytes | None:
        """None: deleted since it was listed."""
        async with self._asking():
            try:
                found = await self._store.get_async(put["path"])
            except FileNotFoundError:
                return None
            return bytes(await found.bytes_async())

    async def _delete(self, puts: Sequence[Put]) -> None:
        for put in puts:
            async with self._asking():
                try:
                    await self._store.delete_async(put["path"])
                except FileNotFoundError:
                    continue

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Around one request."""
        try:
            async with asyncio.timeout(self._patience):
                yield
        except TimeoutError:
            raise PicturesAway(TOO_LATE) from None
        except self._failed as error:
            raise _told(error) from None


def _connect(bucket: Bucket, access: Access, patience: timedelta) -> Any:
    from obstore.store import S3Store  # noqa: PLC0415 - an extra

    endpoint = {"endpoint": access.endpoint} if access.endpoint else {}
    authority = {"root_certificate": access.authority} if access.authority else {}
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        config={
            **endpoint,  # the bucket's name comes after it: every store knows this style
            "region": access.region,
            "virtual_hosted_style_request": False,
            "disable_bulk_delete": True,  # some stores have none
        },
        client_options={
            "allow_http": (access.endpoint or "").startswith("http:"),
            "connect_timeout": CONNECT,
            "timeout": patience,
            **authority,
        },
        retry_config={"max_retries": AGAIN, "retry_timeout": patience},
        # Not in the configuration: that is shown by repr.
        credential_provider=lambda: {
            "access_key_id": access.key_id,
            "secret_access_key": access.key,
            "token": None,
            "expires_at": None,
        },
    )


def _told(error: Exception) -> PicturesAway:
    """What obstore's errors say in their text alone; of that no more than a word, it may repeat keys."""
    text = str(error)
    code, status = _found(CODE, text), _found(STATUS, text)
    if "redirect without LOCATION" in text:
        return PicturesRefused("the bucket is in another region")
    if status in FORBIDDEN or code in REFUSALS:
        return PicturesRefused(code or "AccessDenied")
    if status is not None:
        return PicturesAway(code or f"the store answers {status}")
    if "InvalidCertificate" in text:
        return PicturesRefused("its certificate isn't trusted")
    if "HTTP error" in text:
        return PicturesAway(TOO_LATE if "Timeout" in text else "no connection")
    return PicturesAway("the store's answer can't be read")


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None


def _put_at(put: Put) -> datetime:
    moment: datetime = put["last_modified"]
    return moment


def _newest_first(puts: list[Put]) -> list[Put]:
    return sorted(puts, key=lambda put: (_put_at(put), put["path"]), reverse=True)
