"""Facility keys as they lie in the key store: wrapped by the provider, numbered, never reused."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select

from casemgr import clock
from casemgr.crypto.errors import KeyInUse
from casemgr.crypto.key_store_schema import data_key, recovery_envelope
from casemgr.crypto.key_store_schema import facility_key as table
from casemgr.crypto.store_engine import StoreEngine
from casemgr.crypto.wrapped import PURPOSES, FacilityKeyFacts, WrappedFacilityKey

__all__ = ["PURPOSES", "Also", "FacilityKeyFacts", "FacilityKeyStore", "WrappedFacilityKey"]

Also = Callable[[Connection], None]


class FacilityKeyStore(StoreEngine):
    """The part of the key store that holds facility keys; each call is its own transaction.

    ``newest_set`` names the recovery set of a facility that was issued last, as the log has it.
    """

    newest_set: Callable[[UUID], str | None] | None = None

    def add_facility_key(self, key: WrappedFacilityKey, also: Also | None = None) -> None:
        """Keep a new facility key; an active one of the same purpose becomes decrypt-only.

        ``also`` writes what belongs to it in the same transaction: its recovery envelope.
        """
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
            if also is not None:
                also(connection)

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
        """Empty an old facility key for good, its recovery envelope too; its row stays. Repeatable.

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
            e = recovery_envelope.c
            envelope = (e.facility_id == facility_id, e.purpose == purpose, e.number == number)
            connection.execute(recovery_envelope.delete().where(*envelope))
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
