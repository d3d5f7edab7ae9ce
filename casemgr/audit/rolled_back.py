"""Sealed cells that do not hold what was sealed there last, as the log tells (design §4).

Whoever can write to the database can put an older ciphertext of the same cell back, or empty it:
the seal is sound, or nothing is there to be opened. The log keeps the digest of every sealing, and
an empty one where an erasure emptied the cell.

A row that is gone is not told of: erasures remove rows. Two writers of one cell in one moment, such
as an editor and the worker that re-seals a case, may be told of in vain.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from casemgr.audit.expiring import dropped
from casemgr.audit.models import PENDING, AuditEntry
from casemgr.audit.tiles import Tree
from casemgr.crypto.sealed import SealedRecord, records_of
from casemgr.db import Model

AT_A_TIME = 1_000
_Digest: TypeAlias = bytes
_Newest: TypeAlias = dict[str, dict[bytes, _Digest]]  # table.column → row → digest


class Finding(StrEnum):
    """What is wrong with a cell."""

    OLDER = "older"  # a sound value perhaps, but not the newest one: put back, or altered
    EMPTIED = "emptied"
    UNKNOWN = "unknown"  # something lies there that the log never told of


@dataclass(frozen=True, slots=True)
class Place:
    """One cell that does not hold what the log says."""

    table: str
    column: str
    row_id: UUID
    finding: Finding


class Comparer:
    """Compares again and again, and reads of the log only what is new since the last time.

    Only the newest digest of each cell is held in memory: 16 bytes and its place. The tree gives the
    order; what it does not hold yet is read each time.
    """

    def __init__(self) -> None:
        self._newest: _Newest = {}
        self._size = 0

    def compare(self, session: Session) -> Iterator[Place]:
        """Every cell that is not as its newest digest says; both are read as streams."""
        self._catch_up(session)
        is_old_log = dropped(session) > 0
        for mapper in sorted(Model.registry.mappers, key=lambda each: each.class_.__name__):
            for record in records_of(mapper.class_):
                known = self._newest.get(record.cell_name, {})
                for place in _compared(session, mapper.class_, record, known):
                    # What was sealed before the oldest entry that is kept is not known any more.
                    if not (is_old_log and place.finding is Finding.UNKNOWN):
                        yield place

    def _catch_up(self, session: Session) -> None:
        tree = Tree(session)
        if tree.size < self._size:  # another database than last time
            self._newest, self._size = {}, 0
        while self._size < tree.size:
            upto = min(self._size + AT_A_TIME, tree.size)
            ids = list(tree.entry_ids(self._size, upto))
            query = select(AuditEntry.id, AuditEntry.leaf).where(AuditEntry.id.in_(ids))
            leaves = {row.id: row.leaf for row in session.execute(query)}
            self._take(leaves[each] for each in ids if each in leaves)
            self._size = upto
        waiting = select(AuditEntry.leaf).join(PENDING, PENDING.c.entry_id == AuditEntry.id)
        waiting = waiting.order_by(AuditEntry.at, AuditEntry.lane, AuditEntry.lane_seq)
        self._take(session.scalars(waiting.execution_options(yield_per=AT_A_TIME)))

    def _take(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            for place, row, digest in _sealings(leaf):
                self._newest.setdefault(place, {})[row] = digest


def _sealings(leaf: bytes) -> Iterator[tuple[str, bytes, _Digest]]:
    """Place, row and digest of what an act sealed.

    What cannot be read is no leaf of ours and holds nothing: the sequencer and the live look tell
    of it, and here it must not end the comparison of everything else.
    """
    try:
        lines = orjson.loads(leaf).get("sealed", ())  # a leaf of version 1 has none
        for line in lines:
            place, row, digest = line.split(" ")
            yield place, bytes.fromhex(row), bytes.fromhex(digest)
    except (AttributeError, TypeError, ValueError):
        return


def find_rolled_back(session: Session) -> Iterator[Place]:
    """Compare every sealed cell with its newest digest in the log, from its beginning on."""
    return Comparer().compare(session)


def _compared(
    session: Session, kind: type[Model], record: SealedRecord, newest: dict[bytes, _Digest]
) -> Iterator[Place]:
    cells = select(kind.id, getattr(kind, record.column))
    for row_id, sealed in session.execute(cells.execution_options(yield_per=AT_A_TIME)):
        known = newest.get(row_id.bytes, b"")
        if (finding := _judged(record, row_id, sealed, known)) is not None:
            yield Place(kind.__tablename__, record.column, row_id, finding)


def _judged(record: SealedRecord, row_id: UUID, sealed: object, known: _Digest) -> Finding | None:
    if sealed is None:
        return Finding.EMPTIED if known else None
    if not known:
        return Finding.UNKNOWN
    is_newest = isinstance(sealed, bytes) and record.cell(row_id, sealed).digest == known
    return None if is_newest else Finding.OLDER
