"""What a database gives out for a backup and takes back: a stream, never a copy on the disk."""

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, make_url

from casemgr.crypto.backup_set import Write
from casemgr.work import pg_programs, sqlite_dump
from casemgr.work.backup_folder import BackupRefused

Dump = Callable[[Write], None]
# Rights and owners belong to the machine, not to its data: docs/operations.md gives them anew.
_PLAIN = ("--no-owner", "--no-privileges")
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
    if content_of(url) == "sqlite":
        sqlite_dump.dump(file_of(parsed), write)
        return
    options = ("--format=custom", "--compress=1", *_PLAIN)
    with closing(pg_programs.output_of("pg_dump", parsed, options)) as parts:
        for part in parts:
            write(part)


def require_empty(url: str) -> None:
    """Raise BackupRefused for a database that holds a table: nothing is ever restored over it."""
    parsed = make_url(url)
    is_sqlite = content_of(url) == "sqlite"
    if not (sqlite_dump.is_empty(file_of(parsed)) if is_sqlite else not _count(parsed)):
        raise BackupRefused("the database of the settings is not empty: name an empty one")


def load(url: str, parts: Iterable[bytes]) -> None:
    """Fill an empty database from a dump of its kind: wholly or not at all.

    Raises SealBroken, ProgramFailed, BackupRefused.
    """
    parsed = make_url(url)
    if content_of(url) == "sqlite":
        sqlite_dump.load(file_of(parsed), parts)
        return
    options = ("--single-transaction", "--exit-on-error", *_PLAIN)
    pg_programs.feed("pg_restore", parsed, options, parts)


def file_of(url: URL | str) -> Path:
    """The file of an SQLite database. Raises BackupRefused for one that lives in memory."""
    name = make_url(url).database
    if not name or name == ":memory:":
        raise BackupRefused("a database in memory has no backups")
    return Path(name)


def _count(url: URL) -> int:
    import psycopg

    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain, connect_timeout=15) as connection:
            row = connection.execute(_TABLES).fetchone()
    except psycopg.OperationalError:
        raise BackupRefused("the database of the settings does not answer") from None
    return int(row[0]) if row else 0
