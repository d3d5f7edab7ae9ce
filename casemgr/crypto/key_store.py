"""The key store: wrapped data keys and facility keys in a database of their own.

It is never part of the main database or its backups, so that removing a key here makes every old
copy of what it sealed unreadable (encryption.md §6). A new data key is committed here first, as
pending; the main transaction that names it makes it live; unnamed ones are swept after a day.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    create_engine,
    event,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from casemgr import clock

metadata = MetaData()
_data_key = Table(
    "data_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("facility_id", Uuid, nullable=False),
    Column("owner_id", Uuid, nullable=False, index=True),
    Column("compartment", String(20), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("facility_key", Integer, nullable=False),  # which key wraps it: the epoch moves with it
    Column("wrapped", LargeBinary, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False),  # pending | live
    Column("created_at", DateTime(timezone=True), nullable=False),
)
_facility_key = Table(
    "facility_key",
    metadata,
    Column("facility_id", Uuid, primary_key=True),
    Column("purpose", String(10), primary_key=True),  # data | index | tag
    Column("number", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("state", String(12), nullable=False),  # active | decrypt-only | destroyed
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """One data key as it lies in the store: still wrapped, useless without the facility key."""

    id: UUID
    facility_id: UUID
    owner_id: UUID
    compartment: str
    generation: int
    facility_key: int
    wrapped: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class WrappedFacilityKey:
    """One facility key as the provider wrapped it."""

    facility_id: UUID
    purpose: str
    number: int
    wrapped: bytes


class KeyStore:
    """Reads and writes wrapped keys; each call is a transaction of its own."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url, pool_pre_ping=True)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _harden_sqlite)

    def create_schema(self) -> None:
        """Make the tables where they are missing."""
        metadata.create_all(self.engine)

    def add_facility_key(self, key: WrappedFacilityKey) -> None:
        """Keep a new active facility key of the first epoch."""
        values = {"epoch": 1, "state": "active", "created_at": clock.now()}
        with self.engine.begin() as connection:
            connection.execute(
                _facility_key.insert().values(
                    facility_id=key.facility_id,
                    purpose=key.purpose,
                    number=key.number,
                    wrapped=key.wrapped,
                    **values,
                )
            )

    def facility_keys(self) -> list[WrappedFacilityKey]:
        """Every facility key that can still open something."""
        columns = _facility_key.c
        query = _facility_key.select().where(columns.state != "destroyed").order_by(columns.number)
        with self.engine.connect() as connection:
            return [
                WrappedFacilityKey(row.facility_id, row.purpose, row.number, row.wrapped)
                for row in connection.execute(query)
            ]

    def add_pending(self, keys: Collection[WrappedKey]) -> None:
        """Commit new data keys before the main transaction that will name them."""
        rows = [
            {
                "id": key.id,
                "facility_id": key.facility_id,
                "owner_id": key.owner_id,
                "compartment": key.compartment,
                "generation": key.generation,
                "facility_key": key.facility_key,
                "wrapped": key.wrapped,
                "commitment": key.commitment,
                "state": "pending",
                "created_at": clock.now(),
            }
            for key in keys
        ]
        with self.engine.begin() as connection:
            connection.execute(_data_key.insert(), rows)

    def fetch(self, ids: Collection[UUID]) -> list[WrappedKey]:
        """The wrapped keys of these ids, in one statement; missing ones are simply not there."""
        if not ids:
            return []
        c = _data_key.c
        query = _data_key.select().with_only_columns(
            c.id, c.facility_id, c.owner_id, c.compartment, c.generation, c.facility_key,
            c.wrapped, c.commitment,
        )  # fmt: skip
        with self.engine.connect() as connection:
            return [
                WrappedKey(*tuple(row)) for row in connection.execute(query.where(c.id.in_(ids)))
            ]

    def pending(self) -> list[tuple[UUID, datetime]]:
        """Pending keys with the time they were made, oldest first."""
        c = _data_key.c
        query = _data_key.select().with_only_columns(c.id, c.created_at)
        with self.engine.connect() as connection:
            rows = connection.execute(query.where(c.state == "pending").order_by(c.created_at))
            return [(row.id, row.created_at) for row in rows]

    def settle(self, live: Collection[UUID], unnamed: Collection[UUID]) -> None:
        """Mark keys that the main database names as live; remove those that nothing names."""
        c = _data_key.c
        with self.engine.begin() as connection:
            if live:
                connection.execute(_data_key.update().where(c.id.in_(live)).values(state="live"))
            if unnamed:
                connection.execute(
                    _data_key.delete().where(c.id.in_(unnamed), c.state == "pending")
                )


def _harden_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """A removed key must not linger in the file; a committed one must survive a power cut."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
