"""Every sealed record that the product declares, found and not listed."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from casemgr import rooms
from casemgr.crypto.sealed import SealedRecord, records_of
from casemgr.db import Model

assert rooms.MODELS  # every room's models are known from here on


def models() -> list[type[Model]]:
    """Every mapped class of the product."""
    return sorted(
        (mapper.class_ for mapper in Model.registry.mappers), key=lambda kind: kind.__name__
    )


def records() -> list[tuple[type[Model], SealedRecord]]:
    """Every sealed record with its class."""
    return [(kind, record) for kind in models() for record in records_of(kind)]


CHOSEN = "LEGAL"  # for rows that name their own compartment


def part_of(record: SealedRecord) -> str:
    """The compartment in which the tests seal this record."""
    return CHOSEN if record.by_column else str(record.compartment)


def new_row(kind: type[Model], **values: Any) -> Any:
    """A row that is never stored: its ids are enough to seal in its place."""
    row = kind(id=uuid4(), **values)
    owner = getattr(kind, "__key_owner__", "id")
    if getattr(row, owner) is None:
        setattr(row, owner, uuid4())
    for record in records_of(kind):
        if record.by_column:
            setattr(row, record.by_column, CHOSEN)
    return row


def places() -> Iterator[str]:
    """table.column of every sealed column."""
    for kind, record in records():
        yield f"{kind.__tablename__}.{record.column}"
