"""What the floors above connect to sealing: who makes keys, who witnesses, who hears the alarm.

``access`` knows which data key belongs to an owner, ``audit`` keeps what was sealed and what was
found broken; sealing knows neither of them.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

DIGEST_BYTES = 16


class SealedCell(NamedTuple):
    """That a sealed column of a row now holds these bytes; the log keeps their digest."""

    place: str  # table.column
    row_id: UUID
    digest: bytes  # the first half of SHA-256; empty for a cell that was emptied


def cell(place: str, row_id: UUID, sealed: bytes | None) -> SealedCell:
    """What the log keeps of these bytes in this place."""
    digest = b"" if sealed is None else sha256(sealed).digest()[:DIGEST_BYTES]
    return SealedCell(place, row_id, digest)


KeyMaker = Callable[[UUID, UUID, str], None]
Witness = Callable[[Session, list[SealedCell]], None]
Alarm = Callable[[Session, Any, Any], None]  # the last is the SealedRecord
key_makers: list[KeyMaker] = []
witnesses: list[Witness] = []
alarms: list[Alarm] = []


def connect_key_maker(maker: KeyMaker) -> None:
    """Have ``maker(facility, owner, compartment)`` provide the first key of a compartment."""
    key_makers[:] = [maker]


def connect_witness(witness: Witness) -> None:
    """Have ``witness(session, cells)`` told in each flush what it seals, before it is written."""
    witnesses[:] = [witness]


def connect_alarm(alarm: Alarm) -> None:
    """Have ``alarm(session, row, record)`` told of each seal that is found broken."""
    alarms[:] = [alarm]
