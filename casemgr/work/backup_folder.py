"""The folder where sealed sets are written: private names first, whole files only, nothing left.

A set grows under a hidden name that no reader looks at, is synced, and then takes its final name
in one step. A killed run leaves such a hidden file at most; it is locked as long as its writer
lives, so that the next run can tell and remove it.
"""

import fcntl
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from casemgr.crypto.backup_header import SetKind

ENDING, UNFINISHED = ".cmgb", ".part"
_OVERWRITTEN_AT_ONCE = 1024 * 1024


class BackupRefused(Exception):
    """Why nothing was written or restored, in a line for the person at the terminal."""


def require_apart(folder: Path, guarded: Iterable[Path]) -> None:
    """Raise BackupRefused for a folder that holds, or lies beside, what its backups must be apart from.

    ``guarded`` are the database files, the key file and the folder of sealed files: who copies the
    folder of the one must not take the other along.
    """
    ours = folder.resolve()
    for path in guarded:
        other = path.resolve()
        is_folder = other.is_dir() or not (
            other.exists() or other.suffix
        )  # one may still be to come
        theirs = other if is_folder else other.parent
        if theirs.is_relative_to(ours) or ours.is_relative_to(theirs):
            raise BackupRefused(f"{folder} is not apart from {path}: choose a folder of its own")


def name_of(kind: SetKind, made_at: datetime, backup_id: UUID) -> str:
    """The neutral name of a set: which, when (UTC), and the last digits of its backup's id."""
    made = made_at.strftime("%Y%m%dT%H%M%SZ")
    return f"casemgr-{kind}-{made}-{backup_id.hex[-8:]}{ENDING}"


@contextmanager
def new_file(folder: Path, name: str) -> Iterator["NewFile"]:
    """A file that only its owner reads, under a hidden name until ``keep``; removed otherwise."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hidden = folder / f".{name}{UNFINISHED}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(hidden, flags, 0o600), "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new = NewFile(file, hidden, folder / name)
        try:
            yield new
        finally:
            hidden.unlink(missing_ok=True)


class NewFile:
    """What is being written; ``keep`` gives it its final name."""

    def __init__(self, file: BinaryIO, hidden: Path, final: Path) -> None:
        self.write = file.write
        self._file, self._hidden, self._final = file, hidden, final

    def sync(self) -> None:
        """Have every byte on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def keep(self) -> Path:
        """Give the synced file its final name in one step. Never replaces a file."""
        if self._final.exists():
            raise FileExistsError(self._final.name)
        self._hidden.rename(self._final)
        sync_folder(self._final.parent)
        return self._final


def sweep(folder: Path) -> list[str]:
    """Remove what killed runs left unfinished. Returns the names that it would have had."""
    swept = []
    for hidden in folder.glob(f".casemgr-*{ENDING}{UNFINISHED}"):
        if not is_ours(hidden):
            continue
        with suppress(BlockingIOError), hidden.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # its writer is gone
            destroy(hidden)
            swept.append(hidden.name[1 : -len(UNFINISHED)])
    return swept


def destroy(path: Path) -> None:
    """Overwrite a file once, then remove it. Raises OSError for a link: it may lead to anything.

    A disk that writes elsewhere keeps the old bytes for a while: what makes an old key store
    unreadable for good is the end of its root (docs/operations.md).
    """
    zeros = bytes(_OVERWRITTEN_AT_ONCE)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW), "r+b") as file:
        left = os.fstat(file.fileno()).st_size
        while left > 0:
            left -= file.write(zeros[:left])
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    sync_folder(path.parent)


def sets_in(folder: Path) -> list[Path]:
    """The finished sets of a folder, by name: kind first, then the oldest first."""
    return sorted(path for path in folder.glob(f"*{ENDING}") if is_ours(path))


def is_ours(path: Path) -> bool:
    """Whether it is a file of its own: others may write to the folder, and a link leads elsewhere."""
    facts = path.lstat()
    return stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1


def sync_folder(folder: Path) -> None:
    """Have new and removed names on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
