"""Packing the index of names: the worker's night work, a little in each of its rounds.

A million people take minutes, and nobody waits behind them: each step is a transaction of its own
of about a second. What is not finished when the worker stops is begun again. People who were erased
are masked in every process at once and are simply not in the next epoch.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, select

from casemgr import clock
from casemgr.access import Actor, Compartment
from casemgr.access.opening import apart, open_many
from casemgr.audit import Action, record
from casemgr.cases import packed
from casemgr.cases.changes import horizon
from casemgr.cases.indexing import read_into
from casemgr.cases.models import Case
from casemgr.cases.packed import PackedBlock, PackedEpoch
from casemgr.crypto.names.packed_blocks import Block
from casemgr.crypto.names.packing import Contents, Packing
from casemgr.db import new_id, session
from casemgr.db.session import PACKED_ABOVE, PROCESS

PEOPLE_PER_STEP, BLOCKS_PER_STEP = 5_000, 4_000
LOOK_AGAIN = timedelta(minutes=10)
NIGHT = range(1, 5)  # hours at the hospital
_BUILD, _NEXT_LOOK = "packing", "packing_next_look"


@dataclass(repr=False)
class _Build:
    """An epoch on its way: who is still to be read, then what is still to be written."""

    epoch_id: UUID
    to_read: list[UUID]
    names: Packing = field(default_factory=Packing)
    contents: Contents | None = None
    blocks: list[Block] = field(default_factory=list)
    written: int = 0


def pack_names(actor: Actor) -> bool:
    """One step of the work, if there is any. Returns whether more is to be done."""
    process = session.info[PROCESS]
    build: _Build | None = process.pop(_BUILD, None)  # a step that fails ends the build
    if build is None:
        return _begin_if_due(actor)
    if build.to_read:
        _read(build, actor)
    elif build.contents is None:
        build.contents, build.blocks = build.names.sealed()
    elif build.written < len(build.blocks):
        _write(build, actor)
    else:
        _switch(build, actor)
        return True
    process[_BUILD] = build
    return True


def is_due(started_at: datetime | None, now: datetime) -> bool:
    """Whether an epoch that was started then should be followed by a new one: once a night."""
    if started_at is None:
        return True
    age, hour = now - started_at, clock.to_local(now).hour
    return age > timedelta(hours=48) or (age > timedelta(hours=12) and hour in NIGHT)


def _begin_if_due(actor: Actor) -> bool:
    process, now = session.info[PROCESS], clock.now()
    if process.get(_NEXT_LOOK, now) > now:
        return False
    if _sweep():
        return True
    people = session.scalar(
        select(func.count()).select_from(Case).where(Case.facility_id == actor.facility_id)
    )
    current_id = packed.current(actor.facility_id)
    current = session.get(PackedEpoch, current_id) if current_id else None
    if (people or 0) <= process[PACKED_ABOVE]:
        if current is not None:
            packed.retire(actor, current)
            return True
    elif is_due(current.started_at if current else None, now):
        process[_BUILD] = _begin(actor)
        return True
    process[_NEXT_LOOK] = now + LOOK_AGAIN
    return False


def _begin(actor: Actor) -> _Build:
    """The entry of the whole building is committed before anything is opened (I1)."""
    epoch = PackedEpoch(
        id=new_id(), facility_id=actor.facility_id, horizon=horizon(), started_at=clock.now()
    )
    session.add(epoch)
    query = select(Case.id).where(Case.facility_id == actor.facility_id)
    build = _Build(epoch.id, list(session.scalars(query)))
    record(
        actor,
        Action.NAME_INDEX_PACKED,
        subject_kind="packed_epoch",
        subject_id=epoch.id,
        count=len(build.to_read),
    )
    return build


def _read(build: _Build, actor: Actor) -> None:
    batch, build.to_read = build.to_read[:PEOPLE_PER_STEP], build.to_read[PEOPLE_PER_STEP:]
    read_into(actor, build.names, batch)


def _write(build: _Build, actor: Actor) -> None:
    batch = build.blocks[build.written : build.written + BLOCKS_PER_STEP]
    rows = [
        {
            "id": UUID(bytes=label),
            "facility_id": actor.facility_id,
            "epoch_id": build.epoch_id,
            "block": block,
        }
        for label, block in batch
    ]
    session.execute(insert(PackedBlock), rows)
    build.written += len(rows)


def _switch(build: _Build, actor: Actor) -> None:
    """From this commit on every process answers from the new epoch, and the old key goes."""
    query = select(func.count()).where(PackedBlock.epoch_id == build.epoch_id)
    if session.scalar(query) != len(build.blocks) or build.contents is None:
        return  # a step was rolled back: sweep what is there and begin again
    old_id = packed.current(actor.facility_id)
    epoch = session.get(PackedEpoch, build.epoch_id, with_for_update=True)
    if epoch is None or epoch.retired_at is not None:
        return  # somebody who is in it was erased meanwhile
    record(
        actor,
        Action.NAME_INDEX_SWITCHED,
        subject_kind="packed_epoch",
        subject_id=epoch.id,
        count=len(build.names),
    )
    with apart():
        open_many(actor, [epoch.id], [Compartment.NAME_INDEX])
        epoch.packed = build.contents.to_json()
        epoch.current_from = clock.now()
        session.flush()
    if old_id is not None:
        packed.retire(actor, session.get_one(PackedEpoch, old_id))


def _sweep() -> bool:
    """Delete some blocks of epochs that nobody answers from. Returns whether there were any."""
    gone = session.scalar(
        select(PackedEpoch.id)
        .where(PackedEpoch.current_from.is_(None) | PackedEpoch.retired_at.is_not(None))
        .limit(1)
    )
    if gone is None:
        return False
    some = select(PackedBlock.id).where(PackedBlock.epoch_id == gone).limit(BLOCKS_PER_STEP)
    ids = session.scalars(some).all()
    session.execute(delete(PackedBlock).where(PackedBlock.id.in_(ids)))
    if not ids:
        session.execute(delete(PackedEpoch).where(PackedEpoch.id == gone))
    return True
