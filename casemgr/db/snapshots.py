"""A session that only reads, and sees one moment however long it reads."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry, NullPool


@contextmanager
def of_one_moment(url: str | URL) -> Iterator[Session]:
    """The moment is that of the first statement. Nobody waits for it, and it waits for nobody.

    On a connection of its own: PostgreSQL in REPEATABLE READ, read-only; SQLite in one deferred
    transaction, which in WAL mode holds no lock that a writer wants.
    """
    engine = create_engine(url, poolclass=NullPool)
    try:
        with Session(_of_one_moment(engine)) as reading:
            yield reading
    finally:
        engine.dispose()


def _of_one_moment(engine: Engine) -> Engine:
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    event.listen(engine, "connect", _read_only)
    event.listen(engine, "begin", _begin)  # the driver begins by itself only at a change
    return engine


def _read_only(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
