"""Databases of the tests: each worker makes its own, migrates them once, and removes them.

Nothing else is ever touched. Before each test the rows return to those of the fresh migration:
on SQLite by copying two files, on PostgreSQL by deleting what was added (a new database from a
template takes 0.2 s a test, this takes 0.01 s).
"""

import getpass
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString, Protocol

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

PREFIX = "casemgr_test_"
MARK = "made by the tests of casemgr; they remove it"
STALE_AFTER = 3 * 3600  # seconds: no run lasts that long


class Databases(Protocol):
    """The main database and the key store of one worker."""

    kind: str
    main_url: str
    keys_url: str

    def keep(self) -> None:
        """Remember the present rows as the fresh ones."""

    def restore(self) -> None:
        """Back to the fresh rows."""

    def remove(self) -> None:
        """Leave nothing behind."""


class SqliteDatabases:
    """Two files in a folder of their own."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._files = [folder / "main.sqlite", folder / "keys.sqlite"]
        self.main_url, self.keys_url = (f"sqlite:///{file}" for file in self._files)

    def keep(self) -> None:
        for file in self._files:
            if file.exists():
                shutil.copyfile(file, file.with_suffix(".fresh"))

    def restore(self) -> None:
        for file in self._files:
            for left in ("-wal", "-shm", "-journal"):
                Path(f"{file}{left}").unlink(missing_ok=True)
            if (fresh := file.with_suffix(".fresh")).exists():
                shutil.copyfile(fresh, file)

    def remove(self) -> None:
        for file in self._files:
            for path in file.parent.glob(f"{file.stem}.*"):
                path.unlink()


class PostgresqlDatabases:
    """Two databases on a server that somebody else runs."""

    kind = "postgresql"

    def __init__(self, server: URL, worker: str) -> None:
        self._server = server
        stem = f"{PREFIX}{int(time.time())}_{os.getpid()}_{worker}"
        self._names = [f"{stem}_main", f"{stem}_keys"]
        self._fresh: dict[str, dict[str, bytes]] = {}
        with _connect(server) as admin:
            for name in self._names:
                admin.execute(_query("CREATE DATABASE {}", name))
                admin.execute(
                    sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), MARK)
                )
        urls = (server.set(database=name) for name in self._names)
        self.main_url, self.keys_url = (
            url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
            for url in urls
        )

    def keep(self) -> None:
        for name in self._names:
            with _connect(self._server.set(database=name)) as connection:
                rows = {table: _copy_out(connection, table) for table in _tables(connection)}
            self._fresh[name] = {table: data for table, data in rows.items() if data}

    def restore(self) -> None:
        for name in self._names:
            self._end_sessions(name)
            with _connect(self._server.set(database=name)) as connection, connection.transaction():
                # "replica" also holds the triggers still that refuse to delete audit entries.
                connection.execute("SET LOCAL session_replication_role = replica")
                connection.execute("SET LOCAL synchronous_commit = off")
                for table in _tables(connection):
                    connection.execute(_query("DELETE FROM {}", table))
                for table, data in self._fresh[name].items():
                    with connection.cursor().copy(_query("COPY {} FROM STDIN", table)) as copy:
                        copy.write(data)

    def remove(self) -> None:
        with _connect(self._server) as admin:
            for name in self._names:
                admin.execute(_query("DROP DATABASE IF EXISTS {} WITH (FORCE)", name))

    def _end_sessions(self, name: str) -> None:
        """A test that left a transaction open must not hold up the next one."""
        with _connect(self._server) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
            )


def find_server() -> URL | None:
    """TEST_DATABASE_URL, else a local server that lets us in without a password."""
    named = os.environ.get("TEST_DATABASE_URL")
    candidates = (
        [make_url(named)]
        if named
        else [
            URL.create(
                "postgresql", username=name, host="127.0.0.1", port=5432, database="postgres"
            )
            for name in dict.fromkeys([getpass.getuser(), "postgres"])
        ]
    )
    return next((url for url in candidates if _lets_us_make_databases(url)), None)


def drop_stale(server: URL) -> None:
    """Remove what a killed run left behind: our prefix, our mark, hours old, nobody connected."""
    query = (
        "SELECT datname FROM pg_database d WHERE shobj_description(d.oid, 'pg_database') = %s"
        " AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)"
    )
    with _connect(server) as admin:
        for (name,) in admin.execute(query, [MARK]).fetchall():
            made_at = name.removeprefix(PREFIX).split("_")[0]
            if made_at.isdigit() and time.time() - int(made_at) > STALE_AFTER:
                admin.execute(_query("DROP DATABASE IF EXISTS {}", name))


def make(kind: str, folder: Path, worker: str) -> Iterator[Databases]:
    """New empty databases of this kind, removed afterwards; skips with the reason."""
    if kind == "sqlite":
        databases: Databases = SqliteDatabases(folder)
    else:
        server = find_server()
        if server is None:
            pytest.skip(_why_no_server())
        drop_stale(server)
        databases = PostgresqlDatabases(server, worker)
    try:
        yield databases
    finally:
        databases.remove()


def _why_no_server() -> str:
    if "TEST_DATABASE_URL" in os.environ:
        return "PostgreSQL: TEST_DATABASE_URL does not let us make databases"
    return "PostgreSQL: TEST_DATABASE_URL is not set, and none on 127.0.0.1:5432 lets us in"


def _lets_us_make_databases(url: URL) -> bool:
    query = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    try:
        with _connect(url) as connection:
            row = connection.execute(query).fetchone()
    except psycopg.OperationalError:
        return False
    return bool(row and row[0])


def _connect(url: URL) -> psycopg.Connection:
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=5)


def _tables(connection: psycopg.Connection) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [name for (name,) in rows]


def _copy_out(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(_query("COPY {} TO STDOUT", table)) as copy:
        return b"".join(bytes(part) for part in copy)


def _query(text: LiteralString, name: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(name))
