"""What somebody who can write to the database can do to a sealed cell, and back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Engine, LargeBinary, bindparam, text

from casemgr.crypto.sealed import SealedRecord
from casemgr.db import Model

Damage: TypeAlias = Callable[[bytes, bytes], object]  # of a cell and another one, what to write

EVERYWHERE: dict[str, Damage] = {
    "a flipped bit": lambda cell, _: cell[:40] + bytes([cell[40] ^ 1]) + cell[41:],
    "cut": lambda cell, _: cell[:-1],
    "extended": lambda cell, _: cell + b" ",
    "nothing in it": lambda _cell, _: b"",
    "an unknown version": lambda cell, _: b"\x02" + cell[1:],
    "an unknown generation": lambda cell, _: cell[:1] + b"\xff\xff\xff\xff" + cell[5:],
    "another cell": lambda _, other: other,
    "plaintext": lambda *_: b'{"ward":"Khoa N\xe1\xbb\x99i","text":"x","content":{}}' + b" " * 64,
}
ONLY_SQLITE: dict[str, Damage] = {  # whose columns take any type
    "text": lambda *_: "Nguyễn Thị Hoa",
    "text as long as a seal": lambda *_: "\x01" + "x" * 100,
    "a number": lambda *_: 5_000_000_000_000,
    "a fraction": lambda *_: 0.5,
}


def damages(engine: Engine) -> dict[str, Damage]:
    """Those that this database lets somebody do."""
    return EVERYWHERE | (ONLY_SQLITE if engine.dialect.name == "sqlite" else {})


@contextmanager
def damaged(
    engine: Engine, kind: type[Model], record: SealedRecord, damage: Damage, other: bytes
) -> Iterator[set[UUID]]:
    """Every cell of one column damaged; as it was afterwards. Gives the ids of the rows."""
    before = cells(engine, kind, record)
    _write(engine, kind, record, {key: damage(cell, other) for key, cell in before.items()})
    try:
        yield {key if isinstance(key, UUID) else UUID(key) for key in before}
    finally:
        _write(engine, kind, record, dict(before))


def cells(engine: Engine, kind: type[Model], record: SealedRecord) -> dict[UUID | str, bytes]:
    """The sealed cells of one column by the id as the driver has it."""
    query = (
        f'SELECT id, {record.column} FROM "{kind.__tablename__}" WHERE {record.column} IS NOT NULL'  # noqa: S608 - our own names
    )
    with engine.connect() as connection:
        return {row[0]: bytes(row[1]) for row in connection.execute(text(query))}


def _write(
    engine: Engine, kind: type[Model], record: SealedRecord, values: dict[UUID | str, object]
) -> None:
    statement = text(f'UPDATE "{kind.__tablename__}" SET {record.column} = :cell WHERE id = :id')  # noqa: S608 - as above
    with engine.begin() as connection:
        for key, cell in values.items():
            kept = statement
            if isinstance(cell, bytes):
                kept = statement.bindparams(bindparam("cell", type_=LargeBinary))
            connection.execute(kept, {"cell": cell, "id": key})
