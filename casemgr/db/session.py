"""Engines and the request session. The gate commits it; services only add and flush."""

from typing import Any

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import scoped_session
from sqlalchemy.pool import ConnectionPoolEntry

from casemgr.crypto.keyring import OpenKeys
from casemgr.crypto.sealed import KEYRING, OPEN_KEYS
from casemgr.db.model import Model

PROCESS = "process"  # what one process keeps in memory between requests, such as the name index
PACKED_ABOVE = "packed_above"  # in there: the setting of how many people make the index packed
FILE_STORE = "file_store"  # where sealed files lie


class RequestSession(FlaskSession):
    """A session that carries the keys opened in it: they end with it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.info[OPEN_KEYS] = OpenKeys()
        self.info[KEYRING] = current_app.extensions["keyring"]
        self.info[PROCESS] = current_app.extensions["process"]
        self.info[FILE_STORE] = current_app.extensions["file_store"]

    def close(self) -> None:
        """Forget the opened keys with everything else."""
        self.info[OPEN_KEYS].close()
        super().close()


db = SQLAlchemy(metadata=Model.metadata, session_options={"class_": RequestSession})
session: scoped_session[FlaskSession] = db.session


def prepare(engine: Engine) -> None:
    """Make SQLite behave: one writer at a time from the first statement, synced, enforced.

    BEGIN IMMEDIATE because a deferred read that upgrades to a write fails at once with "database
    is locked" instead of waiting for its turn.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _harden)
        event.listen(engine, "begin", _begin_immediate)


def _harden(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
        "busy_timeout=15000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def ping() -> None:
    """Raise OperationalError when the database is away."""
    session.execute(text("SELECT 1"))


def truncate_log() -> bool:
    """SQLite: write everything into the file and empty its log, where old versions of rows linger.

    Outside any transaction. False while somebody still reads an old version: try again. Other
    databases have no such file; True.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (is_busy, *_pages) = cursor.fetchone() or (1,)
        return not is_busy
    finally:
        connection.close()
