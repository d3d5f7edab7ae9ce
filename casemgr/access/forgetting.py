"""Emptying sealed values whose keys are being removed: no column keeps what nobody can open.

Found through the models and not listed, so that a sealed field that is declared tomorrow is
emptied with the rest.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, update

from casemgr.crypto.sealed import SealedRecord, records_of
from casemgr.db import Model, session

Owned: TypeAlias = tuple[UUID, str]  # whose key, and of which compartment


def forget_values(owned: Collection[Owned]) -> None:
    """Empty every sealed column and blind index of these owners and compartments.

    A row that was nothing but its sealed values goes as a whole, unless its model says that the
    row ``__outlives_its_values__``, as a case does. Rows that the session held are read anew.
    """
    owners: dict[str, set[UUID]] = defaultdict(set)
    for owner_id, part in owned:
        owners[part].add(owner_id)
    session.flush()
    for kind in _innermost_first():
        for record in records_of(kind):
            for part, ids in owners.items():
                if record.by_column or record.compartment == part:
                    _empty(kind, record, part, ids)
    session.expire_all()


def _empty(kind: type[Model], record: SealedRecord, part: str, owners: set[UUID]) -> None:
    table = _table(kind)
    these: ColumnElement[bool] = table.c[getattr(kind, "__key_owner__", "id")].in_(owners)
    if record.by_column:
        these &= table.c[record.by_column] == part
    nothing = dict.fromkeys([record.column, *(index.column for index in record.indexes)])
    session.execute(update(table).where(these).values(nothing))
    if not getattr(kind, "__outlives_its_values__", False):
        left = [table.c[each.column].is_(None) for each in records_of(kind)]
        session.execute(delete(table).where(these, *left))


def _innermost_first() -> list[type[Model]]:
    """Every model, those that point at others before what they point at."""
    kinds = {mapper.local_table: mapper.class_ for mapper in Model.registry.mappers}
    return [kinds[table] for table in reversed(Model.metadata.sorted_tables)]


def _table(kind: type[Model]) -> Table:
    table = kind.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker
    return table
