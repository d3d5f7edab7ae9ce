"""How the key store's database is reached: single statements to read, transactions to write."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from casemgr.crypto import key_store_schema
from casemgr.crypto.errors import TracesLeft
from casemgr.crypto.sealed_bytes import connect_arguments


class StoreEngine:
    """The database of the key store."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(
            url, pool_pre_ping=True, connect_args=connect_arguments(url)
        )
        self._is_sqlite = self.engine.dialect.name == "sqlite"
        if self._is_sqlite:
            event.listen(self.engine, "connect", _harden_sqlite)

    def create_schema(self) -> None:
        """Make the tables, or bring those of an older store up to today's."""
        key_store_schema.bring_up(self.engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for single statements: none of them opens a transaction."""
        with self.engine.connect() as connection:
            yield (
                connection
                if self._is_sqlite
                else connection.execution_options(isolation_level="AUTOCOMMIT")
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed at its end. On SQLite it is the only writer from the start."""
        with self.engine.begin() as connection:
            if self._is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def truncate_log(self) -> None:
        """SQLite: write everything into the file and empty the WAL, where old versions linger.

        Raises TracesLeft while somebody still reads an old version; try again.
        """
        if self._is_sqlite:
            with self.reading() as connection:
                checkpoint = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                if checkpoint.scalar_one():
                    raise TracesLeft


def _harden_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """A removed key must not linger in the file; a committed one must survive a power cut."""
    connection.isolation_level = None  # ``writing`` says itself where a transaction begins
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        "busy_timeout=15000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
