"""Thousands of wrapped keys in three values, as the key store's database gathers them.

    run     = owner:16 | wrapped key:65 | commitment:32, once for each key
    numbers = generation:i32be | number of the facility key:i32be
    parts   = compartments, commas between

As rows they would cost more than their unwrapping. SQLite gathers only text: hexadecimal.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, LargeBinary, String, Table, func, literal, type_coerce

from casemgr.crypto.envelope import WRAPPED_BYTES

_KEY = Struct(f">16s{WRAPPED_BYTES}s32s")
_NUMBERS = Struct(">ii")


class KeyRun(NamedTuple):
    """The keys that were asked for, in one order."""

    keys: bytes | str | None
    numbers: bytes | str | None
    parts: str | None

    def each(self) -> Iterator[tuple[tuple[bytes, bytes, bytes], tuple[int, int], str]]:
        """Owner, wrapped key, commitment; generation, number of the facility key; compartment."""
        if not self.parts:
            return iter(())
        return zip(
            _KEY.iter_unpack(_as_bytes(self.keys)),
            _NUMBERS.iter_unpack(_as_bytes(self.numbers)),
            self.parts.split(","),
            strict=True,
        )


def gathered(table: Table, dialect: str) -> list[ColumnElement[Any]]:
    """Select the fields of a KeyRun."""
    c = table.c
    if dialect == "postgresql":
        key = func.uuid_send(c.owner_id).op("||")(c.wrapped).op("||")(c.commitment)
        numbers = func.int4send(c.generation).op("||")(func.int4send(c.facility_key))
        nothing = literal(b"", LargeBinary)
        return [
            func.string_agg(key, nothing, type_=LargeBinary),
            func.string_agg(numbers, nothing, type_=LargeBinary),
            func.string_agg(c.compartment, ",", type_=String),
        ]
    return [
        func.group_concat(
            type_coerce(c.owner_id, String) + func.hex(c.wrapped) + func.hex(c.commitment),
            "",
            type_=String,
        ),
        func.group_concat(func.printf("%08x%08x", c.generation, c.facility_key), "", type_=String),
        func.group_concat(c.compartment, ",", type_=String),
    ]


def fits(table: Table, dialect: str) -> list[ColumnElement[bool]]:
    """What keeps a run in step: every field of a key has its length, and on SQLite its type."""
    c = table.c
    if dialect == "postgresql":
        return [
            func.octet_length(c.wrapped) == WRAPPED_BYTES,
            func.octet_length(c.commitment) == 32,
            func.strpos(c.compartment, ",") == 0,
        ]
    owner = type_coerce(c.owner_id, String)
    return [
        *[func.typeof(column) == "blob" for column in (c.wrapped, c.commitment)],
        *[func.typeof(column) == "integer" for column in (c.generation, c.facility_key)],
        *[column.between(0, 2**31 - 1) for column in (c.generation, c.facility_key)],
        func.length(c.wrapped) == WRAPPED_BYTES,
        func.length(c.commitment) == 32,
        func.instr(c.compartment, ",") == 0,
        func.length(owner) == 32,
        owner.op("NOT GLOB")("*[^0-9a-f]*"),
    ]


def _as_bytes(run: bytes | str | None) -> bytes:
    return bytes.fromhex(run) if isinstance(run, str) else run or b""
