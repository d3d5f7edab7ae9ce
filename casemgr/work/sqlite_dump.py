"""An SQLite database as a stream: the statements that make it again, each behind its length.

Read in one transaction, so of one moment, and without a copy of the file anywhere, not even for
the time of the backup. Restored into a file beside the place, which is checked and then renamed.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from casemgr.crypto.backup_set import Write
from casemgr.crypto.errors import SealBroken
from casemgr.work.backup_folder import BackupRefused, sync_folder

_LENGTH_BYTES = 4
_REST = ("-wal", "-shm", "-journal")


def dump(file: Path, write: Write) -> None:
    """Hand out the database as it stands now. Raises sqlite3.Error."""
    with closing(_connect(f"{file.resolve().as_uri()}?mode=ro")) as source:
        source.execute("BEGIN")  # one moment for all tables; writers go on meanwhile (WAL)
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # and the moment is now
        for statement in source.iterdump():
            encoded = statement.encode()
            write(len(encoded).to_bytes(_LENGTH_BYTES, "big"))
            write(encoded)


def is_empty(file: Path) -> bool:
    """Whether there is no file, or nothing in it. Raises BackupRefused for what is no database."""
    if not file.exists():
        return True
    try:
        with closing(_connect(file.resolve().as_uri())) as database:
            (count,) = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.DatabaseError:
        raise BackupRefused("the database of the settings cannot be read") from None
    return not count


def load(file: Path, parts: Iterable[bytes]) -> None:
    """Make the database from its dump, wholly or not at all. Raises SealBroken, BackupRefused."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.restoring")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _fill(beside, parts)
        os.fsync(handle)
        for left in _REST:
            file.with_name(file.name + left).unlink(missing_ok=True)
        beside.replace(file)
        sync_folder(file.parent)
    finally:
        os.close(handle)
        beside.unlink(missing_ok=True)


def _fill(file: Path, parts: Iterable[bytes]) -> None:
    with closing(_connect(file.resolve().as_uri())) as target:
        target.execute("PRAGMA journal_mode = OFF")  # a failure throws the whole file away
        for statement in _statements(parts):
            target.execute(statement)
        if target.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise BackupRefused("the restored database does not pass its own check")


def _statements(parts: Iterable[bytes]) -> Iterator[str]:
    held = bytearray()
    for part in parts:
        held += part
        while len(held) >= _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(held[:_LENGTH_BYTES], "big")
            if len(held) < end:
                break
            yield held[_LENGTH_BYTES:end].decode()
            del held[:end]
    if held:
        raise SealBroken


def _connect(address: str) -> sqlite3.Connection:
    return sqlite3.connect(address, uri=True, timeout=15, isolation_level=None)
