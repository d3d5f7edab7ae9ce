"""Erasing parts of a case: keys, sealed values, index terms, and what rooms above keep of them.

The caller has decided, and has it on record; this runs in one transaction, which is the intent: from
its commit on nothing opens, whatever becomes of the process. The key store follows (access.removal).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias
from uuid import UUID

from casemgr.access import Actor, Compartment
from casemgr.access.forgetting import Owned, forget_values
from casemgr.access.key_names import named
from casemgr.access.removal import intend_removal
from casemgr.cases import attaching, packed, part_marks, search
from casemgr.cases.models import Case
from casemgr.cases.retention import Kept

Parts: TypeAlias = frozenset[Compartment]


@dataclass(frozen=True, slots=True)
class Received:
    """An organisation that holds a copy, to be told; None where its name cannot be read."""

    organisation_id: UUID | None
    sent_on: date


@dataclass(frozen=True, slots=True)
class Belongings:
    """What goes with parts of a case although it has keys of its own, and who holds a copy."""

    owned: frozenset[Owned] = frozenset()
    received: tuple[Received, ...] = field(default=())


Gather: TypeAlias = Callable[[Actor, Case, Parts, UUID], Belongings]  # the last: the cause
Keep: TypeAlias = Callable[[Actor, Case], Iterable[tuple[Parts, Kept]]]

# Rooms above connect here (casemgr/rooms.py); each runs in the transaction of the erasure, may open
# what it needs as the system actor, and a failure rolls everything back.
belongings: list[Gather] = []
# What else keeps parts of a case: an open release, proceedings that a room knows of.
keepers: list[Keep] = []


def erase_parts(actor: Actor, case: Case, parts: Parts, cause_id: UUID) -> tuple[Received, ...]:
    """Erase these compartments of a case at rest. Returns who else holds a copy of them.

    Every key that opened anything in them is intended for removal under ``cause_id``, and so is
    every file under them.
    """
    attaching.erase_files(actor, case.id, parts, cause_id)
    gathered = [gather(actor, case, parts, cause_id) for gather in belongings]
    owned: set[Owned] = {(case.id, part.value) for part in parts}
    owned = owned.union(*(each.owned for each in gathered))
    forget_keys(actor, owned, cause_id, case.id)
    if Compartment.IDENTITY in parts:
        packed.retire_every(actor, cause_id)  # the name lies in its blocks, under a key of its own
    search.note_change(actor, case.id)
    for part in sorted(parts):
        part_marks.note_erased(actor, case, part, cause_id)
    return tuple(who for each in gathered for who in each.received)


def forget_keys(
    actor: Actor, owned: Iterable[Owned], cause_id: UUID, case_id: UUID | None = None
) -> None:
    """Intend the removal of these keys and empty what they sealed."""
    pairs = set(owned)
    keys = [
        key_id
        for part in {part for _, part in pairs}
        for key_id in named(
            actor.facility_id,
            [owner_id for owner_id, of in pairs if of == part],
            [Compartment(part)],
        )
    ]
    if keys:
        intend_removal(actor, keys, cause_id, case_id)
    forget_values(pairs)
