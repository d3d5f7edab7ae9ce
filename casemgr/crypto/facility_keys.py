"""Facility keys as they lie in the key store: wrapped by the provider, numbered, never reused."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, create_engine, event, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from casemgr import clock
from casemgr.crypto import key_store_schema
from casemgr.crypto.errors import KeyInUse, TracesLeft
from casemgr.crypto.key_store_schema import data_key
from casemgr.crypto.key_store_schema import facility_key as table

PURPOSES = ("data", "index", "tag", "backup")


@dataclass(frozen=True, slots=True)
class WrappedFacilityKey:
    """One facility key as the provider wrapped it."""

    facility_id: UUID
    purpose: str
    number: int
    wrapped: bytes
    root: str = ""  # the provider's root that wrapped it
    epoch: int = 1
    state: str = "active"  # active | decrypt-only
    commitment: bytes | None = None


@dataclass(frozen=True, slots=True)
class FacilityKeyFacts:
    """What can be told of a facility key, destroyed or not, without its wrapped bytes."""

    facility_id: UUID
    purpose: str
    number: int
    epoch: int
    state: str
    root: str


class FacilityKeyStore:
    """The part of the key store that holds facility keys; each call is its own transaction."""

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url, pool_pre_ping=True)
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

    def add_facility_key(self, key: WrappedFacilityKey) -> None:
        """Keep a new facility key; an active one of the same purpose becomes decrypt-only."""
        c = table.c
        with self.writing() as connection:
            connection.execute(
                table.update()
                .where(c.facility_id == key.facility_id, c.purpose == key.purpose)
                .where(c.state == "active")
                .values(state="decrypt-only")
            )
            connection.execute(
                table.insert().values(
                    facility_id=key.facility_id,
                    purpose=key.purpose,
                    number=key.number,
                    epoch=key.epoch,
                    state=key.state,
                    wrapped=key.wrapped,
                    created_at=clock.now(),
                    root=key.root,
                    commitment=key.commitment,
                )
            )

    def facility_keys(self) -> list[WrappedFacilityKey]:
        """Every facility key that can still open something, by number."""
        c = table.c
        query = table.select().where(c.state != "destroyed")
        with self.reading() as connection:
            return [
                WrappedFacilityKey(
                    row.facility_id, row.purpose, row.number, row.wrapped, row.root, row.epoch,
                    row.state, row.commitment,
                )
                for row in connection.execute(query.order_by(c.facility_id, c.purpose, c.number))
            ]  # fmt: skip

    def replace_root(self, old: WrappedFacilityKey, new: WrappedFacilityKey) -> None:
        """Keep the same key under another root, unless somebody else changed it meanwhile."""
        values = {"wrapped": new.wrapped, "root": new.root, "epoch": new.epoch}
        with self.writing() as connection:
            connection.execute(
                table.update()
                .where(*_is(old.facility_id, old.purpose, old.number))
                .where(table.c.wrapped == old.wrapped, table.c.state != "destroyed")
                .values(**values, commitment=new.commitment)
            )

    def destroy_facility_key(self, facility_id: UUID, purpose: str, number: int) -> None:
        """Empty an old facility key for good; its row stays. Repeatable.

        Raises KeyInUse while it is the active one or a data key lies under it.
        """
        here = _is(facility_id, purpose, number)
        used = select(data_key.c.id).where(
            data_key.c.facility_id == facility_id,
            data_key.c.facility_key == number,
            data_key.c.state != "removed",
        )
        with self.writing() as connection:
            state = connection.scalar(select(table.c.state).where(*here).with_for_update())
            is_used = purpose == "data" and connection.scalar(used.limit(1)) is not None
            if state in (None, "active") or is_used:
                raise KeyInUse
            emptied = {"state": "destroyed", "wrapped": b"", "commitment": None}
            connection.execute(table.update().where(*here).values(**emptied))
        self.truncate_log()

    def epochs_of(self, facility_id: UUID, purpose: str) -> dict[int, int]:
        """The epoch of each facility key of a purpose by number, destroyed ones included."""
        c = table.c
        query = select(c.number, c.epoch).where(c.facility_id == facility_id, c.purpose == purpose)
        with self.reading() as connection:
            return {row.number: row.epoch for row in connection.execute(query)}

    def facility_key_facts(self) -> list[FacilityKeyFacts]:
        """Every facility key that ever was, by purpose and number."""
        columns = [table.c[name] for name in FacilityKeyFacts.__dataclass_fields__]
        query = select(*columns).order_by(table.c.purpose, table.c.number)
        with self.reading() as connection:
            return [FacilityKeyFacts(*row) for row in connection.execute(query)]


def _is(facility_id: UUID, purpose: str, number: int) -> tuple[ColumnElement[bool], ...]:
    c = table.c
    return c.facility_id == facility_id, c.purpose == purpose, c.number == number


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
