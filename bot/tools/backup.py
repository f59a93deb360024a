"""`python -m bot backup DIR` and `restore DIR`: everything the bot knows, copied while it works.

    DIR/manifest.json         what belongs to the backup, with checksums; written last
    DIR/database-<time>.db    the database at one moment (PostgreSQL: .dump)
    DIR/pictures/ab/cd/...    every picture it names; a later backup adds what is new

An interrupted backup leaves the one before it as it was. Nothing is restored from one that is not
whole, nor over anything that is there.
"""

import asyncio
import hashlib
import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.blobs import build_blobs, keys_of, picture_folder, setting_of_blobs
from bot.settings import Settings, WrongSetting
from providers.clock import Clock, SystemClock
from storage import backup as databases
from storage.base import BlobStore
from storage.blobs import FileBlobs
from storage.errors import PictureMissing, PicturesAway
from storage.records import Contents

MANIFEST = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Saved:
    """pictures: all there are in it; new: those that an earlier one hadn't. missing: pictures that
    the database names and nobody has, deleted or damaged.
    """

    rows: int
    pictures: int
    new: int
    missing: int


class Backups:
    def __init__(self, settings: Settings, blobs: BlobStore, folder: Path, clock: Clock) -> None:
        self._settings = settings
        self._blobs = blobs
        self._folder = folder.absolute()
        self._copies = FileBlobs(self._folder / "pictures")
        self._clock = clock

    async def save(self) -> Saved:
        """Raises WrongSetting, CannotOpen, PicturesAway."""
        self._check_place()
        name = self._database_name()
        target = self._folder / name
        contents = await asyncio.to_thread(databases.copy_database, self._settings.database, target)
        new, missing = await self._copy_pictures(contents.pictures)
        manifest = self._manifest(target, contents, missing)
        await asyncio.to_thread(_write_durably, self._folder / MANIFEST, manifest)
        await self._drop_others(name, contents.pictures)
        kept = len(contents.pictures) - len(missing)
        return Saved(sum(contents.rows.values()), kept, new, len(missing))

    async def restore(self) -> Saved:
        """Into an empty place. Raises WrongSetting, CannotOpen, PicturesAway."""
        manifest = await asyncio.to_thread(self._read_manifest)
        keys = sorted(set(manifest["pictures"]) - set(manifest["missing"]))
        await self._check_pictures(keys)
        for key in keys:
            data = await self._copies.get(key)
            with _naming(setting_of_blobs(self._settings)):
                await self._blobs.put(data)
        source = self._folder / manifest["database"]
        found = await asyncio.to_thread(databases.restore_database, source, self._settings.database)
        if _summary(found) != {name: manifest[name] for name in _summary(found)}:
            raise self._wrong("what was restored isn't what was saved; don't use it")
        return Saved(sum(found.rows.values()), len(keys), len(keys), len(manifest["missing"]))

    def _check_place(self) -> None:
        pictures = picture_folder(self._settings)
        for place in (self._settings.data_dir.absolute(), pictures):
            if place and (place.is_relative_to(self._folder) or self._folder.is_relative_to(place)):
                raise self._wrong("must lie outside of DATA_DIR, and of the pictures' folder")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._wrong(f"can't be used: {error.strerror}") from None

    def _database_name(self) -> str:
        suffix = "db" if self._engine == "sqlite" else "dump"
        return f"database-{self._clock.now():%Y%m%dT%H%M%S%f}.{suffix}"

    @property
    def _engine(self) -> str:
        return self._settings.database.partition("+")[0]

    async def _copy_pictures(self, named: Collection[str]) -> tuple[int, list[str]]:
        """How many were new, and the keys of those that nobody has."""
        there = await keys_of(self._copies)
        new, missing = 0, []
        for key in sorted(set(named) - there):
            try:
                with _naming(setting_of_blobs(self._settings)):
                    data = await self._blobs.get(key)
                await self._copies.put(data)
                new += 1
            except PictureMissing:
                missing.append(key)
        return new, missing

    def _manifest(self, database: Path, contents: Contents, missing: Collection[str]) -> str:
        manifest = {
            "format": FORMAT,
            "made_at": self._clock.now().isoformat(),
            "engine": self._engine,
            "database": database.name,
            "sha256": _checksum(database),
            **_summary(contents),
            "pictures": sorted(contents.pictures),
            "missing": sorted(missing),
        }
        return json.dumps(manifest, indent=1)

    async def _drop_others(self, database: str, named: Collection[str]) -> None:
        """What the backup before had and this one hasn't: what was deleted here is deleted there."""
        for path in self._folder.glob("database-*"):
            if path.name != database:
                path.unlink(missing_ok=True)
        for key in await keys_of(self._copies) - set(named):
            await self._copies.delete(key)

    def _read_manifest(self) -> dict[str, Any]:
        try:
            manifest: dict[str, Any] = json.loads((self._folder / MANIFEST).read_text("utf-8"))
            known = manifest["format"] == FORMAT
            found = _checksum(self._folder / manifest["database"])
        except FileNotFoundError as error:
            raise self._wrong(
                f"is no whole backup: {Path(error.filename).name} isn't there"
            ) from None
        except (OSError, ValueError, KeyError, TypeError):
            raise self._wrong(f"is no backup: {MANIFEST} can't be read") from None
        if not known:
            raise self._wrong("was made by another version of the bot")
        if found != manifest["sha256"]:
            raise self._wrong("is damaged: its database has changed since")
        if manifest["engine"] != self._engine:
            raise WrongSetting(
                self._settings.database_setting,
                f"the backup is of {manifest['engine']}, it can't be restored into {self._engine}",
            )
        return manifest

    async def _check_pictures(self, keys: Collection[str]) -> None:
        for key in keys:
            try:
                await self._copies.get(key)
            except (PictureMissing, PicturesAway) as error:
                raise self._wrong(f"is damaged: {error}") from None

    def _wrong(self, problem: str) -> WrongSetting:
        return WrongSetting(str(self._folder), problem)


def _summary(contents: Contents) -> dict[str, Any]:
    """As JSON has it."""
    books = {kind: list(units) for kind, units in contents.books.items()}
    return {"revision": contents.revision, "rows": dict(contents.rows), "books": books}


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_durably(path: Path, text: str) -> None:
    """All of it or nothing."""
    unfinished = path.with_name(path.name + ".new")
    with unfinished.open("w", encoding="utf-8") as file:
        unfinished.chmod(0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


@contextmanager
def _naming(place: str) -> Iterator[None]:
    """Whose pictures they are that can't be stored or read."""
    try:
        yield
    except PicturesAway as error:
        raise WrongSetting(place, str(error)) from None


async def run_backups(settings: Settings, folder: Path, what: str) -> str:
    """A line about what was done. Raises WrongSetting, CannotOpen."""
    backups = Backups(settings, build_blobs(settings), folder, SystemClock())
    with _naming(str(folder)):
        if what == "restore":
            done = await backups.restore()
            return f"Restored: {done.rows} rows, {done.pictures} pictures, all checked."
        done = await backups.save()
    lost = f", {done.missing} named but not kept any more" if done.missing else ""
    return f"Saved: {done.rows} rows, {done.pictures} pictures ({done.new} new){lost}."
