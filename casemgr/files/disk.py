"""Sealed files in a folder: written beside, synced, then renamed; owned by us alone (0600)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from casemgr.files.store import FileMissing, FileStoreDown

_BEGUN = ".part"
_BLOCK = 1024 * 1024


class DiskStore:
    """Fans out over 256 folders by the last two letters, which are random in a UUIDv7."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        return "DiskStore()"

    def writer(self, name: UUID) -> "DiskWriter":
        """Begin a file that does not exist yet. Raises FileStoreDown."""
        with _answering():
            return DiskWriter(self._path(name))

    def read_at(self, name: UUID, offset: int, length: int) -> bytes:
        """Part of a file. Raises FileMissing, FileStoreDown."""
        with _answering(), self._path(name).open("rb") as file:
            file.seek(offset)
            return file.read(length)

    def size(self, name: UUID) -> int:
        """How many sealed bytes it has. Raises FileMissing, FileStoreDown."""
        with _answering():
            return self._path(name).stat().st_size

    def delete(self, name: UUID) -> None:
        """Overwrite as well as a file system lets us, then remove. Repeatable."""
        path = self._path(name)
        for found in (path, path.with_suffix(_BEGUN)):
            with suppress(FileMissing), _answering():
                _overwrite(found)
                found.unlink()
                _sync_folder(found.parent)

    def names(self) -> Iterator[UUID]:
        """Every file that was finished."""
        with _answering():
            yield from (UUID(path.name) for path in self._folder.glob("??/*") if not path.suffix)

    def _path(self, name: UUID) -> Path:
        return self._folder / name.hex[-2:] / str(name)


class DiskWriter:
    """Writes beside the place; the rename makes it a file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path, self._begun = path, path.with_suffix(_BEGUN)
        handle = os.open(self._begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "wb", buffering=0)

    def write(self, part: bytes) -> None:
        """Add sealed bytes. Raises FileStoreDown, also when the disk is full."""
        with _answering():
            rest = memoryview(part)
            while rest:
                rest = rest[self._file.write(rest) :]

    def finish(self) -> None:
        """Synced before and after the rename: a power cut leaves all of it or nothing."""
        with _answering():
            os.fsync(self._file.fileno())
            self._file.close()
            self._begun.rename(self._path)
            _sync_folder(self._path.parent)

    def abort(self) -> None:
        """Leave nothing of it."""
        with suppress(OSError):
            self._file.close()
            self._begun.unlink(missing_ok=True)


@contextmanager
def _answering() -> Iterator[None]:
    """Errors of the file system in our words; theirs would name the file."""
    try:
        yield
    except FileNotFoundError:
        raise FileMissing from None
    except OSError:
        raise FileStoreDown from None


def _overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        rest = path.stat().st_size
        while rest > 0:
            rest -= file.write(bytes(min(rest, _BLOCK)))
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
