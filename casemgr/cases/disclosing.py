"""What went out of a case, and what came in: told by the rooms that keep it (a hook of create_app)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from casemgr.access import Actor
from casemgr.cases.models import Case


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that left the house: when, and every record that the log names it by."""

    id: UUID
    sent_at: datetime
    records: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Teller:
    """One room's answers. ``sent`` and ``came_in`` read public columns only."""

    sent: Callable[[Case], Sequence[Sent]]
    receivers: Callable[[Actor, Case], Mapping[UUID, UUID]]  # organisation by id of what was sent
    came_in: Callable[[Case], Collection[UUID]]  # records that say who told us (R25)


tellers: list[Teller] = []
