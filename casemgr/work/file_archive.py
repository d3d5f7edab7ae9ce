"""The sealed files of the store as one tar stream: names that say nothing, bytes that are sealed."""

import io
import tarfile
from collections.abc import Iterable, Iterator
from typing import Any, Protocol
from uuid import UUID

from casemgr.crypto.backup_set import Write
from casemgr.crypto.errors import SealBroken

_PORTION = 64 * 1024


class Writer(Protocol):
    """One file that is being written."""

    def write(self, part: bytes) -> None:
        """Add bytes."""

    def finish(self) -> None:
        """Make it a file."""

    def abort(self) -> None:
        """Leave nothing of it."""


class Store(Protocol):
    """What a backup needs of the store of sealed files."""

    def writer(self, name: UUID) -> Any:
        """Begin a file."""

    def read_at(self, name: UUID, offset: int, length: int) -> bytes:
        """Part of a file. Raises SealBroken for one that is gone."""

    def size(self, name: UUID) -> int:
        """Its length. Raises SealBroken for one that is gone."""

    def names(self) -> Iterator[UUID]:
        """Every file."""


def dump(store: Store | None, write: Write) -> None:
    """Hand out every sealed file. One that is erased meanwhile is passed over, or filled up.

    Without a store the archive is there and empty.
    """
    with tarfile.open(mode="w|", fileobj=_Outlet(write), format=tarfile.GNU_FORMAT) as archive:
        for name in store.names() if store else ():
            try:
                size = store.size(name) if store else 0
            except SealBroken:
                continue
            entry = tarfile.TarInfo(str(name))
            entry.size, entry.mode = size, 0o600
            archive.addfile(entry, _Reading(store, name, size))
            archive.members.clear()  # it would remember every file that ever passed


def load(store: Store, parts: Iterable[bytes]) -> int:
    """Put files back that the store does not hold; never replaces one. Returns how many came.

    Repeatable after it was interrupted. Raises SealBroken for anything but plain named files.
    """
    restored = 0
    with tarfile.open(mode="r|", fileobj=_Inlet(parts)) as archive:
        for entry in archive:
            content = archive.extractfile(entry) if entry.isreg() else None
            name = _name_of(entry)
            if content is None:
                raise SealBroken
            if not _holds(store, name):
                _put(store, name, content)
                restored += 1
            archive.members.clear()
    return restored
