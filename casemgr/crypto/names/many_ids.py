"""Thousands of ids in one statement: one text with commas between, made, taken and returned whole.

As parameters and rows of their own they would cost more than what they find. Ids are hexadecimal,
with or without dashes; a list that is only handed on from one database to the other never becomes
UUIDs, or a list, in between.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, String, Uuid, any_, cast, func, literal, select
from sqlalchemy import type_coerce as read_as


def as_one_text(ids: Iterable[UUID]) -> str:
    """These ids as one text."""
    return ",".join([each.hex for each in ids])


def gathered(column: Any, dialect: str) -> ColumnElement[str | None]:
    """Select the ids of all rows as one text; None where there is no row."""
    gather = func.string_agg if dialect == "postgresql" else func.group_concat
    return gather(cast(column, String), ",", type_=String)


def among(column: Any, ids: str, dialect: str) -> ColumnElement[bool]:
    """Whether a UUID column holds one of these ids."""
    if dialect == "postgresql":
        given = cast(func.string_to_array(literal(ids, String), ","), ARRAY(Uuid))
        return ColumnElement.__eq__(column, any_(given))
    listed = '["' + ids.replace(",", '","') + '"]'
    each = func.json_each(literal(listed, String)).table_valued("value")
    return read_as(column, String).in_(select(each.c.value))
