"""The descriptor that seals: one line declares a record, one line each of its fields.

    class SafeContact(Model, Versioned):
        contact = SealedRecord(Compartment.CONTACT)
        phone = contact.text()
        may_leave_message = contact.boolean()

All fields of one record lie in one sealed column (``contact_sealed``), bound to table, column,
row, compartment and key generation. They are opened lazily, when the first of them is read, and
only while the session holds the compartment's key; they are sealed again at flush.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, Generic, Self, TypeVar, cast, overload
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, event, inspect
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session
from sqlalchemy.orm.attributes import flag_modified

from casemgr.crypto import envelope
from casemgr.crypto.errors import CompartmentClosed
from casemgr.crypto.keyring import Keyring, OpenKeys
from casemgr.crypto.partial_date import PartialDate

OPEN_KEYS, KEYRING = "open_keys", "keyring"  # where the session carries them
_CACHE = "_opened_records"

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


@dataclass(slots=True, repr=False)
class _Opened:
    """The opened fields of one record of one row, and the ciphertext they came from."""

    source: bytes | None
    values: dict[str, Any]
    changed: bool = False


@dataclass(frozen=True, slots=True)
class _Index:
    column: str
    source: str
    normalise: Callable[[str], str]


@dataclass(eq=False)
class SealedRecord:
    """Several fields of one row that belong to one compartment, sealed together."""

    compartment: str
    pad: int = 64  # plaintext lengths are rounded up to this many bytes: a length tells a name
    name: str = ""
    fields: list[str] = field(default_factory=list)
    indexes: list[_Index] = field(default_factory=list)
    _place: bytes = b""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @property
    def column(self) -> str:
        """The name of the sealed column."""
        return self.name + "_sealed"

    def text(self) -> "Field[str]":
        """Words."""
        return Field(self, str, str)

    def integer(self) -> "Field[int]":
        """A whole number."""
        return Field(self, int, int)

    def boolean(self) -> "Field[bool]":
        """Yes or no; None when nobody said."""
        return Field(self, bool, bool)

    def date(self) -> "Field[date]":
        """A whole day."""
        return Field(self, date.isoformat, date.fromisoformat)

    def moment(self) -> "Field[datetime]":
        """An aware point in time."""
        return Field(self, datetime.isoformat, datetime.fromisoformat)

    def partial_date(self) -> "Field[PartialDate]":
        """A year, a month or a day."""
        return Field(self, str, PartialDate.parse)

    def choice(self, kind: type[E]) -> "Field[E]":
        """One member of an enumeration, kept by its value."""
        return Field(self, lambda member: cast(E, member).value, kind)

    def strings(self) -> "Field[list[str]]":
        """A list of words. Assign a new list to change it."""
        return Field(self, list, list)

    def json(self) -> "Field[Any]":
        """Anything JSON can hold. Assign a new value to change it."""
        return Field(self, lambda value: value, lambda value: value)

    def uuid(self) -> "Field[UUID]":
        """An id that is itself a fact, such as the recipient of a referral."""
        return Field(self, str, UUID)

    def blind_index(self, source: str, normalise: Callable[[str], str]) -> Mapped[int | None]:
        """A BIGINT column that finds a unique identifier again without showing it."""
        return cast(Mapped[int | None], _Index("", source, normalise))

    def columns(self) -> dict[str, Any]:
        """The mapped columns that this record needs on its class."""
        made: dict[str, Any] = {self.column: mapped_column(LargeBinary, nullable=True)}
        for index in self.indexes:
            made[index.column] = mapped_column(BigInteger, nullable=True, index=True)
        return made

    def opened(self, row: Any) -> dict[str, Any]:
        """The fields of this row. Raises CompartmentClosed or SealBroken, never guesses."""
        kept: _Opened | None = row.__dict__.setdefault(_CACHE, {}).get(self.name)
        if kept is not None and kept.changed:
            return kept.values
        source: bytes | None = getattr(row, self.column)
        session = object_session(row)
        if session is None:
            if source is not None:
                raise CompartmentClosed(self.compartment)
            return {}
        keys, owner = session.info[OPEN_KEYS], owner_of(row)
        if kept is not None and kept.source is source and keys.is_open(owner, self.compartment):
            return kept.values
        values = self.read(type(row), row.id, owner, source, keys)
        row.__dict__[_CACHE][self.name] = _Opened(source, values)
        return values

    def read(
        self, kind: type, row_id: UUID, owner: UUID, source: bytes | None, keys: OpenKeys
    ) -> dict[str, Any]:
        """Open one sealed column without loading its row; values as they are encoded."""
        if source is None:
            if not keys.is_open(owner, self.compartment):
                raise CompartmentClosed(self.compartment)
            return {}
        generation = envelope.generation_of(source)
        cipher = keys.for_opening(owner, self.compartment, generation)
        plain = envelope.unseal(cipher, source, self._where(kind, row_id))
        values: dict[str, Any] = json.loads(plain)
        return values

    def change(self, row: Any, name: str, value: Any) -> None:
        """Set one field; the record is sealed anew at flush."""
        values = {**self.opened(row), name: value}
        if value is None:
            del values[name]
        kept = _Opened(getattr(row, self.column), values, changed=True)
        row.__dict__[_CACHE][self.name] = kept
        if inspect(row).persistent:
            if self.column not in row.__dict__:
                setattr(row, self.column, kept.source)
            flag_modified(row, self.column)

    def has_changed(self, row: Any) -> bool:
        """Whether a field of this row was set since it was sealed."""
        kept: _Opened | None = row.__dict__.get(_CACHE, {}).get(self.name)
        return kept is not None and kept.changed

    def require_key(self, row: Any, keys: OpenKeys) -> None:
        """Have the first key of an opened compartment made. A closed one raises when sealing."""
        owner = owner_of(row)
        if keys.is_open(owner, self.compartment) and not keys.has_key(owner, self.compartment):
            for make in _key_maker:
                make(row.facility_id, owner, self.compartment)

    def seal(self, row: Any, keys: OpenKeys, keyring: Keyring) -> None:
        """Seal what was changed on this row; called by the flush."""
        kept: _Opened = row.__dict__[_CACHE][self.name]
        for index in self.indexes:
            setattr(row, index.column, self._blind(row, index, kept.values, keyring))
        generation, cipher = keys.for_sealing(owner_of(row), self.compartment)
        plain = json.dumps(kept.values, ensure_ascii=False, separators=(",", ":")).encode()
        plain += b" " * (-len(plain) % self.pad)  # JSON ignores trailing blanks
        sealed = envelope.seal(cipher, generation, plain, self._where(type(row), row.id))
        setattr(row, self.column, sealed)
        row.__dict__[_CACHE][self.name] = _Opened(sealed, kept.values)

    def _where(self, kind: Any, row_id: UUID) -> bytes:
        if not self._place:
            self._place = envelope.place(kind.__tablename__, self.column)
        return self._place + row_id.bytes

    def _blind(
        self, row: Any, index: _Index, values: dict[str, Any], keyring: Keyring
    ) -> int | None:
        text = index.normalise(values.get(index.source) or "")
        label = f"{row.__tablename__}.{index.source}"
        return keyring.blind_index(row.facility_id, label, text) if text else None


class Field(Generic[T]):
    """One sealed field, read and written as a plain attribute."""

    def __init__(
        self, record: SealedRecord, encode: Callable[[Any], Any], decode: Callable[[Any], T]
    ) -> None:
        self._record, self._encode, self._decode = record, encode, decode
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._record.fields.append(name)

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> T | None: ...
    def __get__(self, row: object | None, owner: type) -> Self | T | None:
        if row is None:
            return self
        value = self._record.opened(row).get(self._name)
        return None if value is None else self._decode(value)

    def __set__(self, row: object, value: T | None) -> None:
        encoded = None if value is None else self._encode(value)
        self._record.change(row, self._name, encoded)


def owner_of(row: Any) -> UUID:
    """The id that owns this row's data keys: its case, its sitting, or the row itself."""
    owner: UUID = getattr(row, getattr(row, "__key_owner__", "id"))
    return owner


def records_of(kind: type) -> Iterable[SealedRecord]:
    """The sealed records that a model declares."""
    return (item for item in vars(kind).values() if isinstance(item, SealedRecord))


def declare_columns(kind: type) -> None:
    """Give a model class the columns of its records; called before it is mapped."""
    records = list(records_of(kind))
    for name, item in list(vars(kind).items()):
        if isinstance(item, _Index):
            owner = next(record for record in records if item.source in record.fields)
            owner.indexes.append(_Index(name, item.source, item.normalise))
    for record in records:
        for name, column in record.columns().items():
            setattr(kind, name, column)


def forget(row: Any, names: Iterable[str] | None) -> None:
    """Drop what was opened when a row expires: after a commit, or a change that was rolled back.

    SQLAlchemy tells of rows that nobody holds any more as well; of those nothing is left.
    """
    if row is not None and names is None:
        row.__dict__.pop(_CACHE, None)


KeyMaker = Callable[[UUID, UUID, str], None]
_key_maker: list[KeyMaker] = []


def connect_key_maker(maker: KeyMaker) -> None:
    """Have ``maker(facility, owner, compartment)`` provide the first key of a compartment."""
    _key_maker[:] = [maker]


@event.listens_for(Session, "before_flush")
def _seal_changes(session: Session, _context: object, _instances: object) -> None:
    """Seal whatever changed, just before it is written."""
    keys: OpenKeys = session.info.get(OPEN_KEYS) or OpenKeys()
    for row in (*session.new, *session.dirty):
        if row.__dict__.get(_CACHE):
            for record in records_of(type(row)):
                if record.has_changed(row):
                    record.require_key(row, keys)
                    record.seal(row, keys, session.info[KEYRING])
