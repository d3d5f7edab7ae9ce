"""The worker's hourly look at every sealed cell: what is not as the log tells is told once."""

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from casemgr.audit.actions import Action, Outcome
from casemgr.audit.models import AuditEntry
from casemgr.audit.rolled_back import Comparer, Place
from casemgr.audit.trail import Originator, record
from casemgr.db import session
from casemgr.db.session import PROCESS

_COMPARING: Final = "comparing"
_KIND_LENGTH = 40


class Comparing:
    """What one process remembers from look to look."""

    def __init__(self, reading: Session) -> None:
        self.comparer = Comparer()
        told = select(AuditEntry.subject_id, AuditEntry.subject_kind).where(
            AuditEntry.action == Action.CELL_ROLLED_BACK
        )
        self.told = {tuple(row) for row in reading.execute(told)}

    def look(self, who: Originator) -> int:
        """Compare, and leave an entry for each finding that is new. Returns how many were."""
        found = {_named(place): place for place in self.comparer.compare(session())}
        fresh = [place for name, place in found.items() if name not in self.told]
        for place in fresh:
            record(
                who,
                Action.CELL_ROLLED_BACK,
                outcome=Outcome.FAILED,
                subject_kind=_named(place)[1],
                subject_id=place.row_id,
            )
        self.told = set(found)  # what is right again may be told of once more
        return len(fresh)


def compare(who: Originator) -> int:
    """A round of the worker. On PostgreSQL of one moment: log and cells must fit each other."""
    reading = session()
    if reading.get_bind().dialect.name == "postgresql":
        reading.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    process = reading.info[PROCESS]
    known: Comparing = process.get(_COMPARING) or process.setdefault(_COMPARING, Comparing(reading))
    return known.look(who)


def _named(place: Place) -> tuple[UUID, str]:
    return place.row_id, f"{place.table}.{place.column.removesuffix('_sealed')}"[:_KIND_LENGTH]
