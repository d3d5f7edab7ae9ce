"""Sealed cells that do not hold what was sealed there last, as the log tells (design §4).

Whoever can write to the database can put an older ciphertext of the same cell back, or empty it:
the seal is sound, or nothing is there to be opened. The log keeps the digest of every sealing.

A row that is gone is not told of: erasures remove rows. Two writers of one cell in one moment, such
as an editor and the worker that re-seals a case, may be told of in vain.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from casemgr.audit.expiring import dropped
from casemgr.audit.models import AuditEntry
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


def find_rolled_back(session: Session) -> Iterator[Place]:
    """Compare every sealed cell with its newest digest in the log; both are read as streams.

    Only the newest digest of each cell is held in memory: 16 bytes and its place.
    """
    newest, is_old_log = _newest_digests(session), dropped(session) > 0
    for mapper in sorted(Model.registry.mappers, key=lambda each: each.class_.__name__):
        for record in records_of(mapper.class_):
            known = newest.get(record.cell_name, {})
            for place in _compared(session, mapper.class_, record, known):
                # What was sealed before the oldest entry that is kept is not known any more.
                if not (is_old_log and place.finding is Finding.UNKNOWN):
                    yield place


def _newest_digests(session: Session) -> _Newest:
    newest: _Newest = {}
    oldest_first = select(AuditEntry.leaf).order_by(AuditEntry.at, AuditEntry.id)
    for leaf in session.scalars(oldest_first.execution_options(yield_per=AT_A_TIME)):
        for line in json.loads(leaf).get("sealed", ()):  # a leaf of version 1 has none
            place, row, digest = line.split(" ")
            newest.setdefault(place, {})[bytes.fromhex(row)] = bytes.fromhex(digest)
    return newest


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
