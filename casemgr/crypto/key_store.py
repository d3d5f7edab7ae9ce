"""The key store: wrapped data keys and facility keys in a database of their own.

It is never part of the main database or its backups, so that removing a key here makes every old
copy of what it sealed unreadable (encryption.md §6). A new data key is committed here first, as
pending; the main transaction that names it makes it live; unnamed ones are swept after a day.
A removed key leaves a tombstone without key material, so that a removal can be shown and repeated.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from casemgr import clock
from casemgr.crypto.errors import FacilityKeyRetired
from casemgr.crypto.facility_keys import FacilityKeyStore
from casemgr.crypto.key_runs import KeyRun, fits, gathered
from casemgr.crypto.key_store_schema import data_key as table
from casemgr.crypto.key_store_schema import facility_key
from casemgr.crypto.many_ids import ManyIds, among
from casemgr.crypto.wrapped import WrappedFacilityKey, WrappedKey

__all__ = ["KeyStore", "WrappedFacilityKey", "WrappedKey"]


_COLUMNS = [table.c[name] for name in WrappedKey._fields]


class KeyStore(FacilityKeyStore):
    """Reads and writes wrapped keys; each call is a transaction of its own."""

    def add_pending(self, keys: Collection[WrappedKey]) -> None:
        """Commit new data keys before the main transaction that will name them.

        Raises FacilityKeyRetired where the key that wraps one is not the active one any more: no
        data key may come to lie under a facility key that is about to be destroyed.
        """
        rows = [
            {name: getattr(key, name) for name in WrappedKey._fields}
            | {"state": "pending", "created_at": clock.now()}
            for key in keys
        ]
        with self.writing() as connection:
            for facility_id, number in {(key.facility_id, key.facility_key) for key in keys}:
                _hold_active(connection, facility_id, number)
            connection.execute(table.insert(), rows)

    def fetch(self, ids: Collection[UUID]) -> list[WrappedKey]:
        """The wrapped keys of these ids, in one statement; missing ones are simply not there."""
        if not ids:
            return []
        query = select(*_COLUMNS).where(table.c.id.in_(ids), table.c.state != "removed")
        with self.reading() as connection:
            return [WrappedKey._make(row) for row in connection.execute(query)]

    def fetch_for_use(self, facility_id: UUID, ids: ManyIds) -> KeyRun:
        """What unwrapping the keys of these ids needs; the ids are one value (many_ids).

        What has not the shape of a key is left out.
        """
        dialect = self.engine.dialect.name
        query = (
            select(*gathered(table, dialect))
            .where(among(table.c.id, ids, dialect), table.c.facility_id == facility_id)
            .where(table.c.state != "removed", *fits(table, dialect))
        )
        with self.reading() as connection:
            return KeyRun._make(connection.execute(query).one())

    def pending(self) -> list[tuple[UUID, datetime]]:
        """Pending keys with the time they were made, oldest first."""
        c = table.c
        query = select(c.id, c.created_at).where(c.state == "pending").order_by(c.created_at)
        with self.reading() as connection:
            return [(row.id, row.created_at) for row in connection.execute(query)]

    def settle(self, live: Collection[UUID], unnamed: Collection[UUID]) -> None:
        """Mark keys that the main database names as live; remove those that nothing names."""
        c = table.c
        one = (c.id == bindparam("key"), c.state == "pending")
        with self.writing() as connection:  # one by one, in order: a re-wrap goes the same way
            if live:
                rows = [{"key": key} for key in sorted(live)]
                connection.execute(table.update().where(*one).values(state="live"), rows)
            if unnamed:
                rows = [{"key": key} for key in sorted(unnamed)]
                connection.execute(table.delete().where(*one), rows)

    def remove(self, ids: Collection[UUID]) -> None:
        """Empty these keys for good, leaving tombstones. Repeatable; unknown ids are passed over.

        On SQLite nothing of them is left in the file or its WAL. PostgreSQL's heap and WAL keep
        old versions for a while: therefore epochs are closed (casemgr.access.epochs).
        """
        c = table.c
        emptied = {"state": "removed", "wrapped": b"", "commitment": b"", "removed_at": clock.now()}
        one = (c.id == bindparam("key"), c.state != "removed")
        with self.writing() as connection:
            rows = [{"key": key} for key in sorted(ids)]
            if rows:
                connection.execute(table.update().where(*one).values(**emptied), rows)
        self.truncate_log()

    def removed(self, ids: Collection[UUID]) -> dict[UUID, tuple[datetime, int]]:
        """When these keys were removed, and the number of the facility key that wrapped each."""
        c = table.c
        query = select(c.id, c.removed_at, c.facility_key)
        with self.reading() as connection:
            rows = connection.execute(query.where(c.id.in_(ids), c.state == "removed"))
            return {row.id: (row.removed_at, row.facility_key) for row in rows}

    def under_older(
        self, facility_id: UUID, number: int, after: UUID | None, limit: int
    ) -> list[WrappedKey]:
        """Data keys under an older facility key than this, by id, beginning after one."""
        c = table.c
        older = select(*_COLUMNS).where(*_under_older(facility_id, number))
        if after is not None:
            older = older.where(c.id > after)
        with self.reading() as connection:
            rows = connection.execute(older.order_by(c.id).limit(limit))
            return [WrappedKey._make(row) for row in rows]

    def count_under_older(self, facility_id: UUID, number: int) -> int:
        """How many data keys a re-wrap under this facility key has still to go."""
        query = select(func.count()).where(*_under_older(facility_id, number))
        with self.reading() as connection:
            return connection.scalar(query) or 0

    def replace_wrapping(self, pairs: Collection[tuple[WrappedKey, WrappedKey]]) -> None:
        """Keep data keys under another facility key; one that changed meanwhile stays as it is."""
        c = table.c
        statement = (
            table.update()
            .where(c.id == bindparam("key"), c.wrapped == bindparam("old"))
            .values(wrapped=bindparam("new"), facility_key=bindparam("number"))
        )
        rows = [
            {"key": old.id, "old": old.wrapped, "new": new.wrapped, "number": new.facility_key}
            for old, new in pairs
        ]
        if rows:
            with self.writing() as connection:
                connection.execute(statement, rows)

    def sample(self, facility_id: UUID, number: int) -> WrappedKey | None:
        """One data key under this facility key, to try it on."""
        c = table.c
        here = (c.facility_id == facility_id, c.facility_key == number, c.state != "removed")
        with self.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(*here).limit(1)).first()
        return WrappedKey._make(row) if row else None

    def census(self) -> list[tuple[UUID, int, str, int]]:
        """Facility, number of the facility key, state, how many data keys."""
        c = table.c
        where = (c.facility_id, c.facility_key, c.state)
        query = select(*where, func.count()).group_by(*where).order_by(*where)
        with self.reading() as connection:
            return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def _under_older(facility_id: UUID, number: int) -> tuple[ColumnElement[bool], ...]:
    c = table.c
    return c.facility_id == facility_id, c.facility_key < number, c.state != "removed"


def _hold_active(connection: Connection, facility_id: UUID, number: int) -> None:
    """Keep this facility key active until the transaction ends; a rotation waits that long."""
    c = facility_key.c
    key = (c.facility_id == facility_id, c.purpose == "data", c.number == number)
    state = connection.scalar(select(c.state).where(*key).with_for_update(read=True))
    if state != "active":
        raise FacilityKeyRetired
