"""Thousands of ids in one statement: one value, made, taken and returned whole.

As parameters and rows of their own they would cost more than what they find. On PostgreSQL the
value is an array in its binary format, on SQLite a JSON array of hexadecimal ids. A list that is
only handed on from one database to the other never becomes UUIDs, or a list, in between.
"""

from collections.abc import Iterable
from functools import cache
from struct import pack
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Dialect, LargeBinary, String, any_, func, literal, select
from sqlalchemy import type_coerce as read_as
from sqlalchemy.types import UserDefinedType

ManyIds: TypeAlias = bytes | str
_UUID, _UUID_ARRAY = 2950, 2951  # object ids of PostgreSQL's types
_LENGTH = b"\0\0\0\x10"


def many_ids(ids: Iterable[UUID], dialect: str) -> ManyIds:
    """These ids as one value."""
    if dialect != "postgresql":
        return '["' + '","'.join([each.hex for each in ids]) + '"]'
    items = [b"", *[each.bytes for each in ids]]
    return pack(">iiiii", 1, 0, _UUID, len(items) - 1, 1) + _LENGTH.join(items)


def gathered(column: Any, dialect: str) -> ColumnElement[ManyIds | None]:
    """Select the ids of all rows as one value; None on PostgreSQL where there is no row."""
    if dialect == "postgresql":
        return func.array_send(func.array_agg(column), type_=LargeBinary)
    return func.json_group_array(read_as(column, String), type_=String)


def among(column: Any, ids: ManyIds, dialect: str) -> ColumnElement[bool]:
    """Whether a UUID column holds one of these ids."""
    if dialect == "postgresql":
        return ColumnElement.__eq__(column, any_(literal(ids, _UuidArray())))
    each = func.json_each(literal(ids, String)).table_valued("value")
    return read_as(column, String).in_(select(each.c.value))


class _UuidArray(UserDefinedType[bytes]):
    """An array of PostgreSQL whose binary format is there already."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "UUID[]"

    def bind_processor(self, dialect: Dialect) -> Any:
        return array_type()


@cache
def array_type() -> type[bytes]:
    """What the driver hands over as it is; to be known before a connection is made."""
    from psycopg import adapters
    from psycopg.adapt import Dumper
    from psycopg.pq import Format

    class Array(bytes):
        __slots__ = ()

    class AsItIs(Dumper):
        format = Format.BINARY
        oid = _UUID_ARRAY

        def dump(self, obj: Any) -> bytes:
            return bytes(obj)

    adapters.register_dumper(Array, AsItIs)
    return Array
