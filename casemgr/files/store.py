"""Where sealed files lie: a folder of ours or a bucket, behind one small interface.

A store knows random names and sealed bytes; the keys lie in the rows that use the files.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from casemgr.crypto.errors import SealBroken

UNCLAIMED_KEPT = timedelta(days=1)


class FileStoreDown(Exception):
    """The store does not answer or has no room. Nothing is kept elsewhere instead: 503."""


class FileMissing(SealBroken):
    """What was sealed is not there: for a reader the same as a seal that broke."""


class FileWriter(Protocol):
    """One file that is being written. Nobody sees it before ``finish``."""

    def write(self, part: bytes) -> None:
        """Add sealed bytes in order. Raises FileStoreDown."""

    def finish(self) -> None:
        """Make it a file, safe from a power cut. Raises FileStoreDown."""

    def abort(self) -> None:
        """Leave nothing of it, as far as the store answers. Never raises."""


class FileStore(Protocol):
    """Files under random names. Every method but ``abort`` raises FileStoreDown."""

    def writer(self, name: UUID) -> FileWriter:
        """Begin a file that does not exist yet."""

    def read_at(self, name: UUID, offset: int, length: int) -> bytes:
        """Part of a file; fewer bytes only where it ends. Raises FileMissing."""

    def size(self, name: UUID) -> int:
        """How many sealed bytes it has. Raises FileMissing."""

    def delete(self, name: UUID) -> None:
        """Remove it and what was begun under its name; repeatable."""

    def names(self) -> Iterator[UUID]:
        """Every file, in no order: for backups and for looking after them."""


def file_store_for(url: str) -> FileStore:
    """``file:/path``, or ``s3:bucket?endpoint=https://…&region=…`` for any S3-compatible store.

    The settings were checked (config.py); credentials are never part of them: the usual AWS
    variables or files hold these.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        from casemgr.files.s3 import S3Store

        asked = dict(parse_qsl(parts.query))
        return S3Store(parts.path, asked.get("endpoint"), asked.get("region"))
    from casemgr.files.disk import DiskStore

    return DiskStore(Path(parts.path))


def put(store: FileStore, name: UUID, parts: Iterable[bytes]) -> None:
    """Write a whole file of sealed parts. Raises FileStoreDown; then nothing of it is left."""
    writer = store.writer(name)
    try:
        for part in parts:
            writer.write(part)
        writer.finish()
    except BaseException:
        writer.abort()
        raise
