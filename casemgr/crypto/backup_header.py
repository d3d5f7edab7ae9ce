"""What a backup set says of itself in the open (FORMAT.md): proven when its set key is unwrapped."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from casemgr.crypto.errors import SealBroken


class SetKind(StrEnum):
    """The three sets of one backup, in the order in which they are made."""

    MAIN = "main"
    FILES = "files"
    KEYS = "keys"


@dataclass(frozen=True, slots=True)
class SetHeader:
    """What a set says of itself without a key: nothing about a person."""

    kind: SetKind
    backup_id: UUID  # the same for the sets made together
    facility_id: UUID
    made_at: datetime
    expires_at: datetime | None  # sets of the key store alone
    revision: str  # of the schema inside
    content: str  # sqlite | postgresql | tar: how the plain bytes are to be read
    wrapped_by: str = "backup"  # the facility key's purpose, or the name of the provider's root
    recovery: str = ""  # public recovery key (hex) to which the set key is sealed too

    def is_expired(self, now: datetime) -> bool:
        """Whether this copy of a key store should be gone."""
        return self.expires_at is not None and self.expires_at <= now

    def to_bytes(self) -> bytes:
        """JSON, the same for the same header."""
        said = {name: _as_text(value) for name, value in asdict(self).items()}
        return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Raises SealBroken for anything else than a header of this version."""
        try:
            said = json.loads(raw)
            return cls(
                kind=SetKind(said.pop("kind")),
                backup_id=UUID(said.pop("backup_id")),
                facility_id=UUID(said.pop("facility_id")),
                made_at=_moment(said.pop("made_at")),
                expires_at=_moment(e) if (e := said.pop("expires_at")) else None,
                **{name: _text(value) for name, value in said.items()},
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise SealBroken from None


def _as_text(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return None if value is None else str(value)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
