"""Emptying sealed values whose keys are being removed: no column keeps what nobody can open.

Found through the models and not listed, so that a sealed field that is declared tomorrow is
emptied with the rest.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, select, update

from casemgr.audit.trail import note_emptied
from casemgr.crypto.connections import SealedCell
from casemgr.crypto.sealed import SealedRecord, records_of
from casemgr.db import Model, session

Owned: TypeAlias = tuple[UUID, str]  # whose key, and of which compartment


def forget_values(owned: Collection[Owned]) -> None:
    """Empty every sealed column and blind index of these owners and compartments.

    What is empty from now on in rows that stay is put on record: else an emptied cell would look as
    if somebody had emptied it past the log (casemgr.audit.rolled_back).

    A row that was nothing but its sealed values goes as a whole, unless its model says that the
    row ``__outlives_its_values__``, as a case does. Rows that the session held are read anew.
    """
    owners: dict[str, set[UUID]] = defaultdict(set)
    for owner_id, part in owned:
        owners[part].add(owner_id)
    session.flush()
    emptied: list[SealedCell] = []
    for kind in _innermost_first():
        for record in records_of(kind):
            for part, ids in owners.items():
                if record.by_column or record.compartment == part:
                    emptied += _empty(kind, record, part, ids)
    session.expire_all()
    note_emptied(emptied)


def _empty(
    kind: type[Model], record: SealedRecord, part: str, owners: set[UUID]
) -> list[SealedCell]:
    """Returns the cells that are empty now, in rows that are left."""
    table = _table(kind)
    these: ColumnElement[bool] = table.c[getattr(kind, "__key_owner__", "id")].in_(owners)
    if record.by_column:
        these &= table.c[record.by_column] == part
    nothing = dict.fromkeys([record.column, *(index.column for index in record.indexes)])
    held = select(table.c.id).where(these, table.c[record.column].is_not(None))
    ids = session.scalars(held).all()
    session.execute(update(table).where(these).values(nothing))
    if not getattr(kind, "__outlives_its_values__", False):
        left = [table.c[each.column].is_(None) for each in records_of(kind)]
        session.execute(delete(table).where(these, *left))
        ids = session.scalars(select(table.c.id).where(table.c.id.in_(ids))).all() if ids else ids
    return [record.cell(row_id, None) for row_id in ids]


def _innermost_first() -> list[type[Model]]:
    """Every model, those that point at others before what they point at."""
    kinds = {mapper.local_table: mapper.class_ for mapper in Model.registry.mappers}
    tables = reversed(Model.metadata.sorted_tables)
    return [kinds[table] for table in tables if table in kinds]  # the log's own have no model


def _table(kind: type[Model]) -> Table:
    table = kind.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker
    return table
