"""I3: every column is sealed, a blind index, or stands in the inventory with its reason."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, String, Table

from casemgr.audit.models import TABLES_OF_THE_LOG
from casemgr.db import Model
from tests.house import sealed_models
from tests.house.public_columns import EVERYWHERE, PUBLIC

SHORTEST_REASON = 8


def undeclared(tables: Iterable[Table], sealing: set[str]) -> list[str]:
    """Columns that nobody accounted for, each with what to do."""
    return [
        f"{table.name}.{column.name}: make it a field of a SealedRecord, or write in "
        f"tests/house/public_columns.py why it may lie open"
        for table in tables
        for column in table.columns
        if f"{table.name}.{column.name}" not in sealing
        and column.name not in {**EVERYWHERE, **PUBLIC.get(table.name, {})}
    ]


def sealing_columns() -> set[str]:
    """table.column of everything that a SealedRecord made: sealed bytes and blind indexes."""
    found = set(sealed_models.places())
    for kind, record in sealed_models.records():
        found |= {f"{kind.__tablename__}.{index.column}" for index in record.indexes}
    return found


def test_every_column_is_accounted_for() -> None:
    faults = undeclared(Model.metadata.sorted_tables, sealing_columns())
    assert not faults, "\n".join(faults)


def test_the_inventory_has_no_dead_lines() -> None:
    tables = Model.metadata.tables
    dead = [
        f"{table}.{column}"
        for table, columns in PUBLIC.items()
        for column in columns
        if table not in tables or column not in tables[table].columns
    ]
    dead += [table for table in PUBLIC if table not in tables]
    assert not dead, f"remove from public_columns.py: {dead}"


def test_every_reason_says_something() -> None:
    reasons = [*EVERYWHERE.values(), *(r for columns in PUBLIC.values() for r in columns.values())]
    assert all(len(reason) >= SHORTEST_REASON for reason in reasons)


def test_what_is_sealed_is_bytes_and_what_is_indexed_is_a_number() -> None:
    for kind, record in sealed_models.records():
        columns = kind.__table__.columns
        assert isinstance(columns[record.column].type, LargeBinary)
        assert record.column.endswith("_sealed")
        for index in record.indexes:
            assert isinstance(columns[index.column].type, BigInteger)
            assert index.column.endswith("_index")
            assert index.source in record.fields


def test_sealed_records_have_an_owner() -> None:
    """The column that owns the key exists, and is an id that never changes its meaning."""
    for kind, _record in sealed_models.records():
        owner = getattr(kind, "__key_owner__", "id")
        assert owner in kind.__table__.columns, f"{kind.__name__}.__key_owner__"


def test_every_table_names_its_facility() -> None:
    tables = [t for t in Model.metadata.sorted_tables if t.name not in TABLES_OF_THE_LOG]
    without = [t.name for t in tables if "facility_id" not in t.columns]
    assert not without, f"add facility_id (use casemgr.db.Model): {without}"


def test_a_forgotten_column_is_found() -> None:
    table = Table("case", MetaData(), Column("nickname", String(20)), Column("code", String(12)))
    (fault,) = undeclared([table], set())
    assert "case.nickname" in fault


def test_bytes_called_sealed_by_hand_are_found() -> None:
    """A name that ends in _sealed is no proof: the descriptor must have made the column."""
    table = Table("case", MetaData(), Column("diary_sealed", LargeBinary))
    assert undeclared([table], sealing_columns())
