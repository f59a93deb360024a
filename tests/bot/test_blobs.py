"""BLOB_URL: what it may say, and what is told where it can't be so."""

import sys
from pathlib import Path
from typing import Any

import pytest

from bot.blobs import build_blobs, picture_folder, setting_of_blobs
from bot.settings import Settings, WrongSetting
from storage.blob_places import Bucket, Folder, parse_blob_url
from storage.blobs import FileBlobs
from storage.object_blobs import ObjectBlobs

SECRET = "hunter2-of-the-test"  # noqa: S105 - opens nothing
KEYS = {"aws_access_key_id": "AKIDTEST", "aws_secret_access_key": SECRET}
BUCKET = {"blob_url": "s3://pictures", **KEYS}


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("file:///srv/pictures", Folder(Path("/srv/pictures"))),
        ("file:///srv/my%20pictures/", Folder(Path("/srv/my pictures"))),
        ("file://localhost/srv", Folder(Path("/srv"))),
        ("s3://pictures", Bucket("pictures", "")),
        ("s3://pictures/", Bucket("pictures", "")),
        ("s3://my.pictures/of/the-bot/", Bucket("my.pictures", "of/the-bot/")),
    ],
)
def test_a_place_is_read(url: str, place: Folder | Bucket) -> None:
    assert parse_blob_url(url) == place


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/pictures",
        "pictures",
        "file://pictures",
        "file://host/srv/pictures",
        "file:pictures",
        "http://bucket",
        "s3:pictures",
        "s3://",
        "s3:///prefix",
        "s3://x",
        f"s3://key:{SECRET}@bucket",
        f"s3://bucket/{SECRET}?x=1",
        "s3://bucket/../other",
        "s3://bucket/a//b",
        "s3://bucket/a b",
        "s3://[bucket",
    ],
)
def test_what_is_no_place_is_named_and_not_repeated(url: str) -> None:
    with pytest.raises(WrongSetting, match=r"^BLOB_URL: ") as caught:
        build_blobs(settings(blob_url=url, **KEYS), url or "nothing")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"aws_access_key_id": None}, "AWS_ACCESS_KEY_ID"),
        ({"aws_secret_access_key": None}, "AWS_SECRET_ACCESS_KEY"),
        ({"aws_secret_access_key": f"{SECRET}\nX-Injected: 1"}, "AWS_SECRET_ACCESS_KEY"),
        ({"aws_endpoint_url": f"https://user:{SECRET}@host"}, "AWS_ENDPOINT_URL"),
        ({"aws_endpoint_url": "minio:9000"}, "AWS_ENDPOINT_URL"),
        ({"aws_ca_bundle": "/no/such/file"}, "AWS_CA_BUNDLE"),
        ({"aws_ca_bundle": __file__}, "AWS_CA_BUNDLE"),
        ({"blob_url": "file:///no/such/folder"}, "BLOB_URL"),
    ],
)
def test_what_is_missing_or_wrong_is_named(changes: dict[str, Any], name: str) -> None:
    with pytest.raises(WrongSetting, match=f"^{name}: ") as caught:
        build_blobs(settings(**{**BUCKET, **changes}))
    assert SECRET not in str(caught.value)


def test_without_the_extra_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(
        WrongSetting, match=r"^BLOB_URL: obstore not installed: pip install '.\[s3\]'$"
    ):
        build_blobs(settings(**BUCKET))


def test_pictures_are_under_data_dir_unless_told_otherwise(tmp_path: Path) -> None:
    usual, folder = settings(data_dir=tmp_path), settings(blob_url=tmp_path.as_uri())
    assert isinstance(build_blobs(usual), FileBlobs)
    assert picture_folder(usual) == tmp_path / "pictures"
    assert setting_of_blobs(usual) == "DATA_DIR"
    assert isinstance(build_blobs(folder), FileBlobs)
    assert picture_folder(folder) == tmp_path and setting_of_blobs(folder) == "BLOB_URL"
    bucket = settings(**BUCKET)
    assert isinstance(build_blobs(bucket), ObjectBlobs)
    assert picture_folder(bucket) is None and setting_of_blobs(bucket) == "BLOB_URL"


@pytest.mark.parametrize(
    ("endpoint", "plain"),
    [(None, "false"), ("https://store.example", "false"), ("http://minio.lan:9000/", "true")],
)
def test_plain_http_is_spoken_only_where_the_owner_names_it(
    endpoint: str | None, plain: str
) -> None:
    blobs = build_blobs(settings(**BUCKET, aws_endpoint_url=endpoint))
    assert isinstance(blobs, ObjectBlobs)
    assert blobs._store.client_options["allow_http"] == plain
    assert blobs._store.config.get("endpoint") == (endpoint and endpoint.rstrip("/"))


def test_keys_are_not_shown() -> None:
    assert SECRET not in repr(settings(**BUCKET)) and "AKIDTEST" not in repr(settings(**BUCKET))
