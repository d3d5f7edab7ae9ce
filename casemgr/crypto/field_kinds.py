"""How each kind of sealed field is written in JSON, and read back.

``None`` stands for kinds that JSON holds as they are: reading them costs nothing.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from casemgr.crypto.partial_date import PartialDate


class Kind(NamedTuple):
    """One kind of field: to JSON, and back."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any] | None


TEXT = Kind(str, None)
INTEGER = Kind(int, None)
BOOLEAN = Kind(bool, None)
DATE = Kind(date.isoformat, date.fromisoformat)
MOMENT = Kind(datetime.isoformat, datetime.fromisoformat)
PARTIAL_DATE = Kind(str, PartialDate.parse)
STRINGS = Kind(list, list)
# A copy each way: who changes what was read must assign it again, and it must be seen as changed.
JSON = Kind(deepcopy, deepcopy)
IDENTIFIER = Kind(str, UUID)
BYTES = Kind(lambda value: b64encode(value).decode(), lambda text: b64decode(text, validate=True))


def member_of(kind: type[Enum]) -> Kind:
    """One member of an enumeration, kept by its value."""
    return Kind(lambda member: member.value, kind)


def same(one: Any, other: Any) -> bool:
    """Whether two encoded values are written alike; ``1`` and ``True`` are not."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)
