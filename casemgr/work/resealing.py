"""Values under an old generation of their owner's keys, sealed anew under the newest one.

It goes over every sealed record of every model, found and not listed.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    LargeBinary,
    Select,
    func,
    literal,
    select,
    true,
    update,
)

from casemgr.crypto import envelope
from casemgr.crypto.connections import SealedCell
from casemgr.crypto.errors import SealBroken
from casemgr.crypto.open_keys import OpenKeys
from casemgr.crypto.sealed import OPEN_KEYS, SealedRecord, records_of
from casemgr.db import Model, session

Newest: TypeAlias = Mapping[str, int]  # the newest generation of each compartment


def reseal_values(owner_id: UUID, newest: Newest, most: int) -> tuple[list[SealedCell], int]:
    """Seal a batch anew. Returns the cells for the log, and how many did not open.

    Values that do not open count for nothing: however many there are, those after them get their turn.

    The sealed bytes are their own row version: a value that was changed meanwhile is left to its
    writer. The row's version stays, for nothing that a reader could see has changed.
    """
    keys: OpenKeys = session.info[OPEN_KEYS]
    resealed, broken = list[SealedCell](), 0
    for kind, sealed_record, part, row_id, old in _old_values(owner_id, newest, most):
        where = envelope.place(kind.__tablename__, sealed_record.column) + row_id.bytes
        try:
            cipher = keys.for_opening(owner_id, part, envelope.generation_of(old))
            plain = envelope.unseal(cipher, old, where)
        except SealBroken:
            broken += 1
            continue
        generation, cipher = keys.for_sealing(owner_id, part)
        column, new = _column(kind, sealed_record), envelope.seal(cipher, generation, plain, where)
        replaced = session.execute(
            update(kind)
            .where(kind.id == row_id, column == old)
            .values({sealed_record.column: new})
            .execution_options(synchronize_session=False)
        )
        if cast(CursorResult[Any], replaced).rowcount:
            resealed.append(sealed_record.cell(row_id, new))
            if len(resealed) == most:
                break
    return resealed, broken


def has_old_values(owner_id: UUID, newest: Newest) -> bool:
    """Whether anything of this owner still lies under an older generation."""
    return any(True for _ in _old_values(owner_id, newest, 1))


def _old_values(
    owner_id: UUID, newest: Newest, page: int
) -> Iterator[tuple[type[Model], SealedRecord, str, UUID, bytes]]:
    """The values of this owner under an older generation, of whatever table, fetched ``page`` at a time."""
    for kind in sorted((m.class_ for m in Model.registry.mappers), key=lambda kind: kind.__name__):
        owner = getattr(kind, getattr(kind, "__key_owner__", "id"))
        for sealed_record in records_of(kind):
            column = _column(kind, sealed_record)
            for part, is_there in _parts(kind, sealed_record, newest):
                if newest[part] == 1:
                    continue
                is_older = _is_older(column, newest[part])
                query = select(kind.id, column).where(owner == owner_id, is_there, is_older)
                for row_id, sealed in _pages(query.order_by(kind.id), kind, page):
                    yield kind, sealed_record, part, row_id, sealed


def _pages(query: Select[Any], kind: type[Model], page: int) -> Iterator[tuple[UUID, bytes]]:
    """All rows of a query in the order of their ids; each page begins after the one before."""
    rows = session.execute(query.limit(page)).all()
    while rows:
        yield from ((row_id, sealed) for row_id, sealed in rows)
        if len(rows) < page:
            return
        rows = session.execute(query.where(kind.id > rows[-1][0]).limit(page)).all()


def _parts(
    kind: type[Model], sealed_record: SealedRecord, newest: Newest
) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """The compartments of a record, and which rows lie there: all, or those that say so."""
    if sealed_record.by_column:
        named = getattr(kind, sealed_record.by_column)
        yield from ((part, named == part) for part in newest)
    elif (part := str(sealed_record.compartment)) in newest:
        yield part, true()


def _is_older(column: Any, generation: int) -> ColumnElement[bool]:
    """Whether the header names an older generation: bytes 2 to 5, big-endian (FORMAT.md)."""
    header = func.substr(column, 2, 4, type_=LargeBinary)
    return header < literal(generation.to_bytes(4, "big"), LargeBinary)


def _column(kind: type[Model], sealed_record: SealedRecord) -> Any:
    return getattr(kind, sealed_record.column)
