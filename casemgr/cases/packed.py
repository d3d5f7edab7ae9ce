"""The packed index of names as it lies in the main database: epochs and their sealed blocks.

Above a setting of people (100,000) every process answers from it (``crypto.packed_index``). The
worker packs a new epoch every night (``packing``); its contents are sealed under a data key of its
own, so that removing that key makes every old copy of the blocks noise.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, LargeBinary, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from casemgr import clock
from casemgr.access import Actor, Compartment
from casemgr.access.actor import system_actor
from casemgr.access.key_names import named
from casemgr.access.opening import apart, open_many
from casemgr.access.removal import intend_removal
from casemgr.audit import Action, Outcome, record
from casemgr.cases.models import IndexChange
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.names.packed_index import PackedIndex
from casemgr.crypto.names.packing import Contents
from casemgr.crypto.sealed import OPEN_KEYS, SealedRecord
from casemgr.db import Model, Versioned, session
from casemgr.db.ids import first_id_at

LONGEST_TRANSACTION = timedelta(hours=1)
_LABELS_AT_ONCE = 500


class PackedEpoch(Model, Versioned):
    """One building of the index: being built, then current, then retired. Rows go after that."""

    __tablename__ = "packed_epoch"

    horizon: Mapped[int] = mapped_column(BigInteger)  # changes from here on are not in it
    started_at: Mapped[datetime]
    current_from: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]

    contents = SealedRecord(Compartment.NAME_INDEX, pad=65_536)
    packed = contents.json()  # secret, number of people, words with their counts


class PackedBlock(Model):
    """One block. Its id is its label: a keyed hash, so that nobody can tell what it holds."""

    __tablename__ = "packed_block"

    epoch_id: Mapped[UUID] = mapped_column(index=True)
    block: Mapped[bytes] = mapped_column(LargeBinary)


def current(facility_id: UUID) -> UUID | None:
    """The epoch that answers now, if there is one."""
    query = select(PackedEpoch.id).where(
        PackedEpoch.facility_id == facility_id,
        PackedEpoch.current_from.is_not(None),
        PackedEpoch.retired_at.is_(None),
    )
    return session.scalar(query.order_by(PackedEpoch.current_from.desc()).limit(1))


def open_epoch(facility_id: UUID, epoch_id: UUID) -> PackedIndex | None:
    """The index of an epoch, opened on record by ``name-index``; one that does not open is given up."""
    actor = system_actor("name-index", facility_id)
    record(actor, Action.NAME_INDEX_OPENED, subject_kind="packed_epoch", subject_id=epoch_id)
    sealed = session.scalar(
        select(PackedEpoch.contents_sealed).where(PackedEpoch.id == epoch_id)  # type: ignore[attr-defined]
    )
    try:
        with apart():
            open_many(actor, [epoch_id], [Compartment.NAME_INDEX])
            keys = session.info[OPEN_KEYS]
            values = PackedEpoch.contents.read(epoch_id, epoch_id, sealed, keys)
        return PackedIndex(Contents.from_json(values["packed"]), _fetch)
    except (SealBroken, KeyError):
        give_up(facility_id, epoch_id)
        return None


def changed_since(epoch_id: UUID) -> ColumnElement[bool]:
    """The changes that an epoch does not hold.

    By transaction; and by time, because a database restored into another cluster of PostgreSQL
    counts its transactions from another number.
    """
    epoch = session.get_one(PackedEpoch, epoch_id)
    return or_(
        IndexChange.transaction >= epoch.horizon,
        IndexChange.id >= first_id_at(epoch.started_at - LONGEST_TRANSACTION),
    )


def give_up(facility_id: UUID, epoch_id: UUID | None) -> None:
    """Stop answering from an epoch that is not as it was sealed; on record, for somebody did it."""
    epoch = session.get(PackedEpoch, epoch_id) if epoch_id else None
    if epoch is None or epoch.retired_at is not None:
        return  # the worker switched in this very moment: its blocks are gone, as they should
    actor = system_actor("name-index", facility_id)
    record(
        actor,
        Action.NAME_INDEX_GIVEN_UP,
        outcome=Outcome.FAILED,
        subject_kind="packed_epoch",
        subject_id=epoch.id,
    )
    retire(actor, epoch)


def retire(actor: Actor, epoch: PackedEpoch, cause_id: UUID | None = None) -> None:
    """Nobody answers from it any more, and its key goes; the worker then deletes its blocks."""
    epoch.retired_at = clock.now()
    keys = named(actor.facility_id, [epoch.id], [Compartment.NAME_INDEX])
    intend_removal(actor, keys, cause_id=cause_id or epoch.id)
    session.flush()


def retire_every(actor: Actor, cause_id: UUID) -> None:
    """Give up every epoch, also one that is being built: somebody in it is erased.

    Their keys go with the erasure's own, so that it is not live, nor final, before they are gone. The
    worker packs anew; until then each process answers from memory.
    """
    query = select(PackedEpoch).where(
        PackedEpoch.facility_id == actor.facility_id, PackedEpoch.retired_at.is_(None)
    )
    for epoch in session.scalars(query.with_for_update()):
        retire(actor, epoch, cause_id)


def _fetch(labels: Collection[bytes]) -> dict[bytes, bytes]:
    ids = [UUID(bytes=label) for label in labels]
    blocks: dict[bytes, bytes] = {}
    for start in range(0, len(ids), _LABELS_AT_ONCE):
        query = select(PackedBlock.id, PackedBlock.block).where(
            PackedBlock.id.in_(ids[start : start + _LABELS_AT_ONCE])
        )
        blocks.update((row.id.bytes, row.block) for row in session.execute(query))
    return blocks
