"""What a database gives out for a backup and takes back: a stream, never a copy on the disk.

SQLite: the statements that make it again, from one read transaction, each behind its length in
four bytes; so no copy of the file lies anywhere, not even for a moment. PostgreSQL: the custom
format of ``pg_dump``.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, make_url

from casemgr.crypto.backup_set import Write
from casemgr.crypto.errors import SealBroken
from casemgr.work import pg_programs
from casemgr.work.backup_folder import BackupRefused, sync_folder

Dump = Callable[[Write], None]
# Rights and owners belong to the machine, not to its data: docs/operations.md gives them anew.
_PLAIN = ("--no-owner", "--no-privileges")
_LENGTH_BYTES = 4
_TABLES = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')"
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
)


def content_of(url: str) -> str:
    """How the set of this database is to be read: sqlite or postgresql."""
    return make_url(url).get_backend_name()


def dump(url: str, write: Write) -> None:
    """Hand out a database as it stands at one moment. Raises ProgramFailed, sqlite3.Error."""
    parsed = make_url(url)
    if content_of(url) == "postgresql":
        options = ("--format=custom", "--compress=1", *_PLAIN)
        for part in pg_programs.output_of("pg_dump", parsed, options):
            write(part)
        return
    address = f"{file_of(parsed).resolve().as_uri()}?mode=ro"
    with closing(_connect(address)) as source:
        source.execute("BEGIN")  # one moment for all tables; writers go on meanwhile (WAL)
        for statement in source.iterdump():
            encoded = statement.encode()
            write(len(encoded).to_bytes(_LENGTH_BYTES, "big"))
            write(encoded)


def require_empty(url: str) -> None:
    """Raise BackupRefused for a database that holds a table: nothing is ever restored over it."""
    parsed = make_url(url)
    if content_of(url) == "postgresql":
        is_empty = not _count_postgresql(parsed)
    else:
        file = file_of(parsed)
        is_empty = not file.exists() or not _count_sqlite(file)
    if not is_empty:
        raise BackupRefused("the database of the settings is not empty: name an empty one")


def load(url: str, parts: Iterable[bytes]) -> None:
    """Fill an empty database from a dump of its kind: wholly or not at all.

    Raises SealBroken, ProgramFailed, BackupRefused.
    """
    parsed = make_url(url)
    if content_of(url) == "postgresql":
        options = ("--single-transaction", "--exit-on-error", *_PLAIN)
        pg_programs.feed("pg_restore", parsed, options, parts)
    else:
        _load_sqlite(file_of(parsed), parts)


def file_of(url: URL | str) -> Path:
    """The file of an SQLite database. Raises BackupRefused for one that lives in memory."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise BackupRefused("a database in memory has no backups")
    return Path(name)


def _load_sqlite(file: Path, parts: Iterable[bytes]) -> None:
    """Into a new file beside the database, checked, then put in its place in one step."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.restoring")
    beside.unlink(missing_ok=True)
    os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(_connect(beside.resolve().as_uri())) as target:
            target.execute("PRAGMA journal_mode = OFF")  # a failure throws the whole file away
            for statement in _statements(parts):
                target.execute(statement)
            if target.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                raise BackupRefused("the restored database does not pass its own check")
        _sync(beside)
        for left in ("-wal", "-shm", "-journal"):
            file.with_name(file.name + left).unlink(missing_ok=True)
        beside.replace(file)
        sync_folder(file.parent)
    finally:
        beside.unlink(missing_ok=True)


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


def _count_sqlite(file: Path) -> int:
    try:
        with closing(_connect(file.resolve().as_uri())) as database:
            (count,) = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.DatabaseError:
        raise BackupRefused("the database of the settings cannot be read") from None
    return int(count)


def _count_postgresql(url: URL) -> int:
    import psycopg

    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain, connect_timeout=15) as connection:
            row = connection.execute(_TABLES).fetchone()
    except psycopg.OperationalError:
        raise BackupRefused("the database of the settings does not answer") from None
    return int(row[0]) if row else 0


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
