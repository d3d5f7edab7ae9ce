"""New keys for one owner: a new generation at once, old values re-sealed by the worker.

For a key that may have left the server. New values are sealed under the new generation from the
commit on; the worker goes over the old ones in batches. The old generation opens for 35 days more:
so long last month's backup must be readable with today's key store (design §4). Then it is removed.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, func, literal, select, update

from casemgr import clock
from casemgr.access import Actor, Compartment, NotFound
from casemgr.access.key_names import KeyName, make_key
from casemgr.access.opening import apart, open_many
from casemgr.access.removal import intend_removal
from casemgr.audit import Action, Outcome, record
from casemgr.crypto import envelope
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.open_keys import OpenKeys
from casemgr.crypto.sealed import OPEN_KEYS, SealedRecord, records_of
from casemgr.db import Model, session
from casemgr.work.outbox import enqueue

RESEAL, RETIRE = "key.reseal", "key.retire"
BATCH = 500
OLD_GENERATION_KEPT = timedelta(days=35)

Newest: TypeAlias = Mapping[str, int]  # the newest generation of each compartment
Resealer: TypeAlias = Callable[[Actor, UUID, Newest], bool]

# What else is sealed under an owner's keys, such as files: seals a batch of it under the newest
# generation, with the keys open, and tells whether nothing is left under an older one.
elsewhere: list[Resealer] = []


def rekey(actor: Actor, owner_id: UUID, case_id: UUID | None = None) -> list[str]:
    """A new generation of every key of this owner. Returns the compartments. Raises NotFound."""
    newest = _newest(actor, owner_id)
    if not newest:
        raise NotFound(owner_id)
    for part, generation in newest.items():
        make_key(actor.facility_id, owner_id, part, generation + 1)
    record(
        actor,
        Action.CASE_REKEYED,
        case_id=case_id,
        subject_id=owner_id,
        compartments=newest,
        count=len(newest),
    )
    enqueue(actor, RESEAL, owner_id)
    session.flush()
    return sorted(newest)


def reseal(actor: Actor, owner_id: UUID) -> None:
    """One batch of old values under the newest generation; the next batch is a job of its own."""
    newest = {part: number for part, number in _newest(actor, owner_id).items() if number > 1}
    if not newest:
        return  # its keys were removed meanwhile: nothing is left to seal
    with apart():
        open_many(actor, [owner_id], [Compartment(part) for part in newest])
        done, broken = _reseal_values(owner_id, newest)
        is_done = not done and all(other(actor, owner_id, newest) for other in elsewhere)
    outcome = Outcome.FAILED if broken else Outcome.DONE
    record(
        actor,
        Action.CASE_RESEALED,
        outcome=outcome,
        subject_id=owner_id,
        compartments=newest,
        count=done,
    )
    if is_done:
        enqueue(actor, RETIRE, owner_id, clock.now() + OLD_GENERATION_KEPT)
    else:
        enqueue(actor, RESEAL, owner_id)


def retire(actor: Actor, owner_id: UUID) -> None:
    """Let the old generations go, unless something still lies under one of them.

    A value that does not open keeps its key: whoever mends it may need it.
    """
    newest = _newest(actor, owner_id)
    if any(True for _ in _old_values(owner_id, newest, 1)):
        enqueue(actor, RESEAL, owner_id)
        return
    old = session.scalars(
        select(KeyName).where(
            KeyName.facility_id == actor.facility_id, KeyName.owner_id == owner_id
        )
    )
    ids = [name.id for name in old if name.generation < newest[name.compartment]]
    intend_removal(actor, ids, cause_id=owner_id)


HANDLERS = {RESEAL: reseal, RETIRE: retire}


def _newest(actor: Actor, owner_id: UUID) -> dict[str, int]:
    query = select(KeyName.compartment, func.max(KeyName.generation)).where(
        KeyName.facility_id == actor.facility_id, KeyName.owner_id == owner_id
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(KeyName.compartment))}


def _reseal_values(owner_id: UUID, newest: Newest) -> tuple[int, int]:
    """Seal a batch anew. Returns how many, and how many did not open.

    The sealed bytes are their own row version: a value that was changed meanwhile is left to its
    writer. The row's version stays, for nothing that a reader could see has changed.
    """
    keys: OpenKeys = session.info[OPEN_KEYS]
    done = broken = 0
    for kind, sealed_record, row_id, old in _old_values(owner_id, newest, BATCH):
        where = envelope.place(kind.__tablename__, sealed_record.column) + row_id.bytes
        part = str(sealed_record.compartment)
        try:
            cipher = keys.for_opening(owner_id, part, envelope.generation_of(old))
            plain = envelope.unseal(cipher, old, where)
        except SealBroken:
            broken += 1
            continue
        generation, cipher = keys.for_sealing(owner_id, part)
        column = _column(kind, sealed_record)
        session.execute(
            update(kind)
            .where(kind.id == row_id, column == old)
            .values({sealed_record.column: envelope.seal(cipher, generation, plain, where)})
            .execution_options(synchronize_session=False)
        )
        done += 1
    return done, broken


def _old_values(
    owner_id: UUID, newest: Newest, most: int
) -> Iterator[tuple[type[Model], SealedRecord, UUID, bytes]]:
    """Up to ``most`` values of this owner under an older generation, of whatever table."""
    for kind in sorted((m.class_ for m in Model.registry.mappers), key=lambda kind: kind.__name__):
        for sealed_record in records_of(kind):
            generation = newest.get(str(sealed_record.compartment), 1)
            if generation == 1 or most <= 0:
                continue
            column = _column(kind, sealed_record)
            owner = getattr(kind, getattr(kind, "__key_owner__", "id"))
            query = select(kind.id, column).where(owner == owner_id, _is_older(column, generation))
            rows = session.execute(query.order_by(kind.id).limit(most)).all()
            most -= len(rows)
            for row_id, sealed in rows:
                yield kind, sealed_record, row_id, sealed


def _is_older(column: Any, generation: int) -> ColumnElement[bool]:
    """Whether the header names an older generation: bytes 2 to 5, big-endian (FORMAT.md)."""
    header = func.substr(column, 2, 4, type_=LargeBinary)
    return header < literal(generation.to_bytes(4, "big"), LargeBinary)


def _column(kind: type[Model], sealed_record: SealedRecord) -> Any:
    return getattr(kind, sealed_record.column)
