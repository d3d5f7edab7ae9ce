"""Ids made in Python, so that a row can be sealed to its place before it is ever flushed."""

import secrets
from datetime import datetime
from uuid import UUID

from casemgr import clock


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = int(clock.now().timestamp() * 1000)
    value = (milliseconds & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def first_id_at(moment: datetime) -> UUID:
    """The id before every one that is made from this moment on."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
