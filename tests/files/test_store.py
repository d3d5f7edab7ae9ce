"""Every store keeps the same promises: a folder, and a bucket that speaks S3 (moto)."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from botocore.config import Config
from moto import mock_aws

from casemgr.files.disk import DiskStore
from casemgr.files.store import FileMissing, FileStore, FileStoreDown, file_store_for, put

SEALED = bytes(range(256)) * 50_000  # 12.8 MB: three parts of an upload
BUCKET = "tep-ho-so"
NAME, OTHER = uuid4(), uuid4()


@pytest.fixture(params=["file", "s3"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FileStore]:
    if request.param == "file":
        yield file_store_for(f"file:{tmp_path / 'files'}")
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        found: Any = file_store_for(f"s3:{BUCKET}?region=us-east-1")
        found._s3.create_bucket(Bucket=BUCKET)
        yield found


def test_what_was_put_is_read_back(store: FileStore) -> None:
    put(store, NAME, [SEALED[:3], SEALED[3:7_000_000], b"", SEALED[7_000_000:]])
    assert store.size(NAME) == len(SEALED)
    assert store.read_at(NAME, 0, len(SEALED)) == SEALED
    assert store.read_at(NAME, 5_242_875, 11) == SEALED[5_242_875:5_242_886]
    assert store.read_at(NAME, len(SEALED) - 4, 100) == SEALED[-4:]
    assert store.read_at(NAME, len(SEALED), 10) == b""
    assert store.read_at(NAME, 0, 0) == b""
    assert list(store.names()) == [NAME]


def test_nobody_sees_a_file_before_it_is_finished(store: FileStore) -> None:
    writer = store.writer(NAME)
    writer.write(SEALED)
    with pytest.raises(FileMissing):
        store.size(NAME)
    assert list(store.names()) == []
    writer.finish()
    assert store.size(NAME) == len(SEALED)


def test_what_was_given_up_leaves_nothing(store: FileStore) -> None:
    writer = store.writer(NAME)
    writer.write(SEALED)
    writer.abort()
    writer.abort()
    with pytest.raises(FileMissing):
        store.read_at(NAME, 0, 1)
    put(store, NAME, [b"again"])
    assert store.read_at(NAME, 0, 9) == b"again"


def test_a_source_that_fails_leaves_nothing(store: FileStore) -> None:
    def parts() -> Iterator[bytes]:
        yield SEALED
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        put(store, NAME, parts())
    assert list(store.names()) == []


def test_deleting_is_repeatable_and_hits_one(store: FileStore) -> None:
    put(store, NAME, [SEALED])
    put(store, OTHER, [b"other"])
    for _ in range(2):
        store.delete(NAME)
    assert list(store.names()) == [OTHER]
    with pytest.raises(FileMissing):
        store.size(NAME)


def test_deleting_takes_what_a_crash_left_half_written(store: FileStore) -> None:
    writer: Any = store.writer(NAME)
    writer.write(SEALED)  # and then the power fails
    store.delete(NAME)
    if isinstance(store, DiskStore):
        assert [path for path in store._folder.rglob("*") if path.is_file()] == []
        writer._file.close()
    else:
        uploads: Any = store
        assert "Uploads" not in uploads._s3.list_multipart_uploads(Bucket=BUCKET)


def test_an_empty_file_is_a_file(store: FileStore) -> None:
    put(store, NAME, [])
    assert store.size(NAME) == 0
    assert store.read_at(NAME, 0, 5) == b""


def test_on_disk_only_we_can_read(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "files")
    put(store, NAME, [b"sealed"])
    (path,) = (p for p in tmp_path.rglob("*") if p.is_file())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.name == str(NAME)


def test_on_disk_it_is_overwritten_before_it_goes(tmp_path: Path) -> None:
    """As far as a file system lets us: another name of the same bytes sees zeros."""
    store = DiskStore(tmp_path / "files")
    put(store, NAME, [SEALED])
    (path,) = (p for p in tmp_path.rglob("*") if p.is_file())
    os.link(path, tmp_path / "other name")
    store.delete(NAME)
    assert (tmp_path / "other name").read_bytes() == bytes(len(SEALED))


def test_on_disk_a_folder_that_is_no_folder_is_down(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"")
    store = DiskStore(tmp_path / "files")
    with pytest.raises(FileStoreDown):
        store.writer(NAME)
    with pytest.raises(FileStoreDown):
        store.read_at(NAME, 0, 1)


def test_a_full_disk_is_down(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    writer = store.writer(NAME)
    writer._file.close()
    writer._file = open("/dev/full", "wb", buffering=0)  # noqa: PTH123, SIM115 - closed by abort
    with pytest.raises(FileStoreDown):
        writer.write(b"sealed")
    writer.abort()
    assert list(store.names()) == []


@pytest.mark.server
@pytest.mark.usefixtures("aws_credentials")
def test_a_bucket_that_is_away_is_down() -> None:
    store = file_store_for("s3:tep-ho-so?endpoint=http://127.0.0.1:9&region=us-east-1")
    for ask in (store.size, store.writer, store.delete, lambda name: store.read_at(name, 0, 1)):
        with pytest.raises(FileStoreDown):
            ask(NAME)


@pytest.mark.usefixtures("aws_credentials")
def test_a_bucket_that_refuses_us_is_down() -> None:
    with mock_aws():
        store = file_store_for("s3:nobody-made-this?region=us-east-1")
        with pytest.raises(FileStoreDown):
            store.writer(NAME)


@pytest.fixture
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    from casemgr.files import s3

    monkeypatch.setattr(
        s3,
        "_PATIENCE",
        Config(connect_timeout=1, retries={"total_max_attempts": 1, "mode": "standard"}),
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


def test_a_folder_needs_no_library_of_a_cloud() -> None:
    """boto3 is an extra: imported only when the settings choose a bucket."""
    import subprocess
    import sys

    code = (
        "import sys; from casemgr.files.store import file_store_for; file_store_for('file:/x');"
        "import casemgr; sys.exit('boto3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert isinstance(UUID(str(NAME)), UUID)
