"""Which data key belongs to which owner and compartment: the main database names the keys.

A key that is committed in the key store counts only once a committed row here names it; so a
main transaction that rolled back leaves an unnamed key, which the worker sweeps after a day.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from casemgr import clock
from casemgr.access.actor import Actor
from casemgr.access.compartments import Compartment
from casemgr.audit import Action, record
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.many_ids import ManyIds, among, gathered, many_ids
from casemgr.crypto.open_keys import OpenedKey
from casemgr.crypto.sealed import KEYRING
from casemgr.db import Model, new_id, session

UNNAMED_KEYS_KEPT = timedelta(days=1)


class KeyName(Model):
    """The id of one data key, by owner, compartment and generation."""

    __tablename__ = "key_name"
    __table_args__ = (UniqueConstraint("owner_id", "compartment", "generation"),)

    owner_id: Mapped[UUID]
    compartment: Mapped[str] = mapped_column(String(20))
    generation: Mapped[int]


def named(
    facility_id: UUID, owners: Collection[UUID], parts: Collection[Compartment]
) -> list[UUID]:
    """The ids of the keys of these owners and compartments, all generations."""
    query = select(KeyName.id).where(
        KeyName.facility_id == facility_id,
        KeyName.owner_id.in_(owners),
        KeyName.compartment.in_([str(part) for part in parts]),
    )
    return list(session.scalars(query))


def many_named(
    facility_id: UUID, owners: Collection[UUID], parts: Collection[Compartment]
) -> ManyIds | None:
    """The same ids as one value, for many owners at once (many_ids)."""
    dialect = session.get_bind().dialect.name
    query = select(gathered(KeyName.id, dialect)).where(
        KeyName.facility_id == facility_id,
        among(KeyName.owner_id, many_ids(owners, dialect), dialect),
        KeyName.compartment.in_([str(part) for part in parts]),
    )
    return session.scalar(query)


def make_key(facility_id: UUID, owner_id: UUID, compartment: str, generation: int) -> OpenedKey:
    """A new data key, committed in the key store as pending and named here."""
    (key,) = the_keyring().new_keys(facility_id, owner_id, [compartment], [new_id()], generation)
    session.add(
        KeyName(
            id=key.id,
            facility_id=facility_id,
            owner_id=owner_id,
            compartment=compartment,
            generation=key.generation,
        )
    )
    return key


def note_unnamed(actor: Actor) -> int:
    """Say on record that unnamed keys will be removed; committed before they are (design §4)."""
    _, unnamed = _pending()
    if unnamed:
        record(actor, Action.KEYS_SWEPT, count=len(unnamed))
    return len(unnamed)


def sweep_unnamed() -> int:
    """Settle pending keys: named ones become live, older unnamed ones go. Returns how many went.

    Repeatable: killed at any point, the next round does the rest.
    """
    live, unnamed = _pending()
    the_keyring().store.settle(live, unnamed)
    return len(unnamed)


def _pending() -> tuple[list[UUID], list[UUID]]:
    pending = the_keyring().store.pending()
    named_here = select(KeyName.id).where(KeyName.id.in_([key_id for key_id, _ in pending]))
    live = set(session.scalars(named_here))
    limit = clock.now() - UNNAMED_KEYS_KEPT
    unnamed = [key_id for key_id, made in pending if key_id not in live and _aware(made) < limit]
    return sorted(live), unnamed


def the_keyring() -> Keyring:
    """The keyring of this process."""
    keyring: Keyring = session.info[KEYRING]
    return keyring


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
