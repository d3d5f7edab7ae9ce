"""The sealed files of the store as one tar stream: names that say nothing, bytes that are sealed."""

import io
import tarfile
from collections.abc import Iterable
from typing import IO, cast
from uuid import UUID

from casemgr.crypto.backup_set import Write
from casemgr.crypto.errors import SealBroken
from casemgr.files.store import FileStore
from casemgr.work.pipes import Inlet, Outlet

_PORTION = 64 * 1024


def dump(store: FileStore, write: Write) -> None:
    """Hand out every sealed file. One that is erased meanwhile is passed over, or filled up.

    Raises FileStoreDown.
    """
    outlet = cast(IO[bytes], Outlet(write))
    with tarfile.open(mode="w|", fileobj=outlet, format=tarfile.GNU_FORMAT) as archive:
        for name in store.names():
            try:
                size = store.size(name)
            except SealBroken:
                continue
            entry = tarfile.TarInfo(str(name))
            entry.size, entry.mode = size, 0o600
            archive.addfile(entry, cast(IO[bytes], _Reading(store, name)))
            _forget(archive)


def load(store: FileStore, parts: Iterable[bytes]) -> int:
    """Put back what the store does not hold; never replaces a file. Returns how many came back.

    Repeatable after it was interrupted. Raises SealBroken for anything but files with our names.
    """
    restored, held = 0, set(store.names())
    inlet = cast(IO[bytes], io.BufferedReader(Inlet(parts), _PORTION))
    try:
        with tarfile.open(mode="r|", fileobj=inlet) as archive:
            for entry in archive:
                content, name = archive.extractfile(entry), UUID(entry.name)
                if content is None or not entry.isreg():
                    raise SealBroken
                if name not in held:
                    _put(store, name, content)
                    restored += 1
                _forget(archive)
    except (tarfile.TarError, ValueError):
        raise SealBroken from None
    return restored


def _put(store: FileStore, name: UUID, content: IO[bytes]) -> None:
    writer = store.writer(name)
    try:
        while part := content.read(_PORTION):
            writer.write(part)
        writer.finish()
    except BaseException:
        writer.abort()
        raise


def _forget(archive: tarfile.TarFile) -> None:
    """An archive remembers every entry that passed: a million of them would fill the memory."""
    archive.members.clear()  # type: ignore[attr-defined]


class _Reading:
    """One file of the store, read in order. What is erased meanwhile reads as zeros."""

    def __init__(self, store: FileStore, name: UUID) -> None:
        self._store, self._name, self._at = store, name, 0

    def read(self, length: int) -> bytes:
        try:
            data = self._store.read_at(self._name, self._at, length)
        except SealBroken:
            data = b""
        self._at += length
        return data.ljust(length, b"\0")
