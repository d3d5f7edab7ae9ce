"""New keys for one owner: a new generation at once, old values re-sealed by the worker.

For a key that may have left the server. New values are sealed under the new generation from the
commit on; the worker goes over the old ones in batches. The old generation opens for 35 days more:
so long last month's backup must be readable with today's key store (design §4). Then it is removed.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import func, select

from casemgr import clock
from casemgr.access import Actor, Compartment, NotFound
from casemgr.access.key_names import KeyName, make_key
from casemgr.access.opening import apart, open_many
from casemgr.access.removal import intend_removal
from casemgr.audit import Action, Outcome, record
from casemgr.db import session
from casemgr.db.ids import first_id_at
from casemgr.work.outbox import enqueue
from casemgr.work.resealing import Newest, has_old_values, reseal_values

RESEAL, RETIRE = "key.reseal", "key.retire"
BATCH = 500
OLD_GENERATION_KEPT = timedelta(days=35)

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
        resealed, broken = reseal_values(owner_id, newest, BATCH)
        is_done = not resealed and all(other(actor, owner_id, newest) for other in elsewhere)
    outcome = Outcome.FAILED if broken else Outcome.DONE
    record(
        actor,
        Action.CASE_RESEALED,
        outcome=outcome,
        subject_id=owner_id,
        compartments=newest,
        count=len(resealed),
        sealed=resealed,
    )
    if is_done:
        enqueue(actor, RETIRE, owner_id, clock.now() + OLD_GENERATION_KEPT)
    else:
        enqueue(actor, RESEAL, owner_id)


def retire(actor: Actor, owner_id: UUID) -> None:
    """Let old generations go, unless something still lies under one of them.

    A value that does not open keeps its key: whoever mends it may need it. So does a generation
    that was followed by another one less than 35 days ago, when a case was re-keyed twice.
    """
    newest = _newest(actor, owner_id)
    if has_old_values(owner_id, newest):
        enqueue(actor, RESEAL, owner_id)
        return
    names = session.scalars(
        select(KeyName)
        .where(KeyName.facility_id == actor.facility_id, KeyName.owner_id == owner_id)
        .order_by(KeyName.compartment, KeyName.generation)
    ).all()
    limit = first_id_at(clock.now() - OLD_GENERATION_KEPT)  # an id tells when its key was made
    ids = [
        name.id
        for name, follower in pairwise(names)
        if follower.compartment == name.compartment and follower.id < limit
    ]
    intend_removal(actor, ids, cause_id=owner_id)


HANDLERS = {RESEAL: reseal, RETIRE: retire}


def _newest(actor: Actor, owner_id: UUID) -> dict[str, int]:
    query = select(KeyName.compartment, func.max(KeyName.generation)).where(
        KeyName.facility_id == actor.facility_id, KeyName.owner_id == owner_id
    )
    return {row[0]: row[1] for row in session.execute(query.group_by(KeyName.compartment))}
