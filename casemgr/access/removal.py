"""Removing data keys in two steps: an audited intent in the main database, then the key store.

The intent drops the names of the keys, so nothing opens from its commit on. Emptying the key store
and confirming it can be repeated until it came to its end: two databases cannot commit together.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from casemgr import clock
from casemgr.access.actor import Actor
from casemgr.access.epochs import current_epoch, epoch_of_facility_keys
from casemgr.access.key_names import KeyName, the_keyring
from casemgr.audit import Action, record
from casemgr.crypto.open_keys import OpenKeys
from casemgr.crypto.sealed import OPEN_KEYS
from casemgr.db import Model, session

BATCH = 1000


class KeyRemoval(Model):
    """That one data key goes, or is gone: what a certificate of erasure rests upon."""

    __tablename__ = "key_removal"

    key_id: Mapped[UUID] = mapped_column(unique=True)
    owner_id: Mapped[UUID] = mapped_column(index=True)
    compartment: Mapped[str] = mapped_column(String(20))
    generation: Mapped[int]
    cause_id: Mapped[UUID] = mapped_column(index=True)  # the erasure, or the case that was re-keyed
    epoch: Mapped[int]  # whose closing makes every older copy of the key noise
    intended_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]  # from the key store
    confirmed_at: Mapped[datetime | None]


def intend_removal(
    actor: Actor, key_ids: Collection[UUID], cause_id: UUID, case_id: UUID | None = None
) -> list[KeyRemoval]:
    """In the caller's transaction: these keys open nothing from its commit on, and will go.

    Ids that no row names are passed over: their removal was intended before.
    """
    rows = session.scalars(
        select(KeyName)
        .where(KeyName.facility_id == actor.facility_id, KeyName.id.in_(key_ids))
        .with_for_update()
    ).all()
    opened: OpenKeys = session.info[OPEN_KEYS]
    removals = []
    for row in rows:
        opened.drop(row.owner_id, row.compartment, row.generation)
        removals.append(
            KeyRemoval(
                facility_id=actor.facility_id,
                key_id=row.id,
                owner_id=row.owner_id,
                compartment=row.compartment,
                generation=row.generation,
                cause_id=cause_id,
                epoch=current_epoch(),
                intended_at=clock.now(),
            )
        )
    if removals:
        session.add_all(removals)
        session.execute(delete(KeyName).where(KeyName.id.in_([row.key_id for row in removals])))
        record(
            actor,
            Action.KEY_REMOVAL_INTENDED,
            case_id=case_id,
            subject_kind="key_removal",
            subject_id=cause_id,
            compartments={row.compartment for row in removals},
            count=len(removals),
        )
        session.flush()
    return removals


def carry_out_removals(actor: Actor) -> int:
    """Empty the key store of what is intended and committed, and confirm it. Returns how many.

    Repeatable: killed at any point, the next round does the rest. The caller commits. The epoch is
    that of the facility key which wrapped the key last: a re-wrap may have come in between.
    """
    open_ones = select(KeyRemoval).where(
        KeyRemoval.facility_id == actor.facility_id, KeyRemoval.confirmed_at.is_(None)
    )
    rows = session.scalars(open_ones.order_by(KeyRemoval.intended_at).limit(BATCH)).all()
    if not rows:
        return 0
    store = the_keyring().store
    ids = [row.key_id for row in rows]
    store.remove(ids)
    gone, epochs = store.removed(ids), epoch_of_facility_keys(actor.facility_id)
    for row in rows:
        removed_at, number = gone.get(row.key_id, (None, None))
        row.removed_at = _aware(removed_at) if removed_at else clock.now()
        row.confirmed_at = clock.now()
        row.epoch = max(row.epoch, epochs.get(number, row.epoch) if number else row.epoch)
    record(actor, Action.KEYS_REMOVED, count=len(rows))
    session.flush()
    return len(rows)


def removals_of(cause_id: UUID) -> Sequence[KeyRemoval]:
    """Every removal of one cause, in the order of their intents."""
    query = select(KeyRemoval).where(KeyRemoval.cause_id == cause_id)
    return session.scalars(query.order_by(KeyRemoval.intended_at, KeyRemoval.id)).all()


def newest_removed(owner_id: UUID, compartment: str) -> int:
    """The newest removed generation of a compartment, or 0: a generation is never used twice."""
    newest = select(func.max(KeyRemoval.generation)).where(
        KeyRemoval.owner_id == owner_id, KeyRemoval.compartment == compartment
    )
    return session.scalar(newest) or 0


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
