"""The descriptor that seals: one line declares a record, one line each of its fields.

    class SafeContact(Model, Versioned):
        contact = SealedRecord(Compartment.CONTACT)
        phone = contact.text()
        may_leave_message = contact.boolean()
        phone_index = contact.blind_index("phone", fold.phone)

All fields of one record lie in one sealed column (``contact_sealed``), bound to table, column,
row, compartment and key generation. They are opened lazily, when the first of them is read, and
only while the session holds the compartment's key; they are sealed again at flush, if they changed.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from hashlib import sha256
from typing import Any, Generic, NamedTuple, Self, TypeVar, cast, overload
from uuid import UUID

from sqlalchemy import BigInteger, event
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session
from sqlalchemy.orm.attributes import flag_modified, instance_state

from casemgr.crypto import envelope, field_kinds
from casemgr.crypto.errors import CompartmentClosed
from casemgr.crypto.field_kinds import Kind
from casemgr.crypto.keyring import Keyring, Lease, OpenKeys
from casemgr.crypto.partial_date import PartialDate
from casemgr.crypto.sealed_bytes import SealedBytes

OPEN_KEYS, KEYRING = "open_keys", "keyring"  # where the session carries them
DIGEST_BYTES = 16

T = TypeVar("T")
E = TypeVar("E", bound=Enum)
_OWN = Lease()  # of values that were typed and not sealed yet: nobody can take those back
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_read = json.JSONDecoder().raw_decode  # takes no notice of the blanks that fill up the length


class SealedCell(NamedTuple):
    """That a sealed column of a row now holds these bytes; the log keeps their digest."""

    place: str  # table.column
    row_id: UUID
    digest: str  # hexadecimal; empty for a cell that was emptied


class WithoutRowVersion(TypeError):
    """A sealed record is read, changed and written whole: two editors would overwrite each other."""


class _Opened:
    """The fields of one record of one row as JSON holds them, and the ciphertext they came from.

    Valid while the row still holds that ciphertext and the keys that opened it were not given back.
    It has no repr, so that no traceback shows it.
    """

    __slots__ = ("has_changed", "lease", "source", "values")

    def __init__(
        self, source: bytes | None, values: dict[str, Any], lease: Lease, has_changed: bool = False
    ) -> None:
        self.source, self.values = source, values
        self.lease, self.has_changed = lease, has_changed


@dataclass(frozen=True, slots=True)
class _Index:
    column: str
    source: str
    normalise: Callable[[str], str]


@dataclass(eq=False)
class SealedRecord:
    """Several fields of one row that belong to one compartment, sealed together.

    ``by_column`` names the column that says which compartment, where each row has its own. The key
    belongs to that compartment alone: a row moved to another one does not open there.
    """

    compartment: str = ""
    by_column: str = ""
    pad: int = 64  # plaintext lengths are rounded up to this many bytes: a length tells a name
    name: str = ""
    column: str = ""  # the sealed column
    slot: str = ""  # where a row keeps what was opened
    fields: list[str] = field(default_factory=list)
    indexes: list[_Index] = field(default_factory=list)
    _place: bytes = b""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.column, self.slot = name, name + "_sealed", "_opened_" + name

    def text(self) -> "Field[str]":
        """Words."""
        return Field(self, field_kinds.TEXT)

    def integer(self) -> "Field[int]":
        """A whole number."""
        return Field(self, field_kinds.INTEGER)

    def boolean(self) -> "Field[bool]":
        """Yes or no; None when nobody said."""
        return Field(self, field_kinds.BOOLEAN)

    def date(self) -> "Field[date]":
        """A whole day."""
        return Field(self, field_kinds.DATE)

    def moment(self) -> "Field[datetime]":
        """An aware point in time."""
        return Field(self, field_kinds.MOMENT)

    def partial_date(self) -> "Field[PartialDate]":
        """A year, a month or a day."""
        return Field(self, field_kinds.PARTIAL_DATE)

    def choice(self, kind: type[E]) -> "Field[E]":
        """One member of an enumeration, kept by its value."""
        return Field(self, field_kinds.member_of(kind))

    def strings(self) -> "Field[list[str]]":
        """A list of words. Assign a new list to change it."""
        return Field(self, field_kinds.STRINGS)

    def json(self) -> "Field[Any]":
        """Anything JSON can hold. Assign a new value to change it."""
        return Field(self, field_kinds.JSON)

    def uuid(self) -> "Field[UUID]":
        """An id that is itself a fact, such as the recipient of a referral."""
        return Field(self, field_kinds.IDENTIFIER)

    def binary(self) -> "Field[bytes]":
        """A few bytes, such as a small picture. Files are sealed as streams (chunks.py)."""
        return Field(self, field_kinds.BYTES)

    def blind_index(self, source: str, normalise: Callable[[str], str]) -> Mapped[int | None]:
        """A BIGINT column that finds a unique identifier again without showing it."""
        return cast(Mapped[int | None], _Index("", source, normalise))

    def compartment_of(self, row: Any) -> str:
        """Where this row's record lies."""
        return str(getattr(row, self.by_column)) if self.by_column else self.compartment

    def columns(self) -> dict[str, Any]:
        """The mapped columns that this record needs on its class."""
        made: dict[str, Any] = {self.column: mapped_column(SealedBytes, nullable=True)}
        for index in self.indexes:
            made[index.column] = mapped_column(BigInteger, nullable=True, index=True)
        return made

    def opened(self, row: Any) -> dict[str, Any]:
        """The fields of this row. Raises CompartmentClosed or SealBroken, never guesses."""
        return self.kept(row).values

    def kept(self, row: Any) -> _Opened:
        """What was opened of this row and still counts, else open it. Raises as ``opened``."""
        state = row.__dict__
        kept: _Opened | None = state.get(self.slot)
        if kept is not None and kept.lease.is_valid and kept.source is state.get(self.column):
            return kept
        source: bytes | None = getattr(row, self.column)
        session = object_session(row)
        if session is None:
            if source is not None:
                raise CompartmentClosed(self.compartment_of(row))
            return _Opened(None, {}, _OWN)
        keys: OpenKeys = session.info[OPEN_KEYS]
        part = self.compartment_of(row)
        values = self.read(type(row), row.id, owner_of(row), source, keys, part)
        kept = state[self.slot] = _Opened(source, values, keys.lease)
        return kept

    def read(
        self,
        kind: type,
        row_id: UUID,
        owner: UUID,
        source: bytes | None,
        keys: OpenKeys,
        part: str = "",
    ) -> dict[str, Any]:
        """Open one sealed column without loading its row; values as they are encoded.

        ``part`` is the compartment of a row that has its own.
        """
        part = part or self.compartment
        if source is None:
            if not keys.is_open(owner, part):
                raise CompartmentClosed(part)
            return {}
        generation = envelope.generation_of(source)
        cipher = keys.for_opening(owner, part, generation)
        plain = envelope.unseal(cipher, source, self._where(kind, row_id))
        values: dict[str, Any] = _read(plain.decode())[0]
        return values

    def change(self, row: Any, name: str, value: Any) -> None:
        """Set one field; the record is sealed anew at flush, unless the value is what it was."""
        kept = self.kept(row)
        values = kept.values
        if field_kinds.same(values.get(name), value):
            return
        if not kept.has_changed:
            values = values.copy()
            self._mark(row, kept.source)
            row.__dict__[self.slot] = _Opened(kept.source, values, _OWN, has_changed=True)
        if value is None:
            del values[name]
        else:
            values[name] = value

    def _mark(self, row: Any, source: bytes | None) -> None:
        """Have a row that lies in the database written at the next flush."""
        state = instance_state(row)
        if state.key is None:
            return
        if state.mapper.version_id_col is None:
            raise WithoutRowVersion(f"make {type(row).__name__} Versioned: {self.name} changes")
        if self.column not in row.__dict__:
            setattr(row, self.column, source)
        flag_modified(row, self.column)

    def has_changed(self, row: Any) -> bool:
        """Whether a field of this row was set since it was sealed."""
        kept: _Opened | None = row.__dict__.get(self.slot)
        return kept is not None and kept.has_changed

    def require_key(self, row: Any, keys: OpenKeys) -> None:
        """Have the first key of an opened compartment made. A closed one raises when sealing."""
        owner, part = owner_of(row), self.compartment_of(row)
        if not keys.has_key(owner, part) and keys.is_open(owner, part):
            for make in _key_maker:
                make(row.facility_id, owner, part)

    def seal(self, row: Any, keys: OpenKeys, keyring: Keyring) -> SealedCell:
        """Seal what was changed on this row; called by the flush. Returns what the log keeps."""
        values = row.__dict__[self.slot].values
        for index in self.indexes:
            setattr(row, index.column, self._blind(row, index, values, keyring))
        generation, cipher = keys.for_sealing(owner_of(row), self.compartment_of(row))
        plain = _write(values).encode()
        plain += b" " * (-len(plain) % self.pad)  # JSON ignores trailing blanks
        sealed = envelope.seal(cipher, generation, plain, self._where(type(row), row.id))
        setattr(row, self.column, sealed)
        row.__dict__[self.slot] = _Opened(sealed, values, keys.lease)
        return self.cell(type(row), row.id, sealed)

    def cell(self, kind: Any, row_id: UUID, sealed: bytes | None) -> SealedCell:
        """What the log keeps of these bytes in this record's column of a row."""
        digest = "" if sealed is None else sha256(sealed).hexdigest()[: DIGEST_BYTES * 2]
        return SealedCell(f"{kind.__tablename__}.{self.column}", row_id, digest)

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

    def __init__(self, record: SealedRecord, kind: Kind) -> None:
        self._record, (self._encode, self._decode) = record, kind
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._record.fields.append(name)

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> T | None: ...
    def __get__(self, row: object | None, owner: type) -> Any:
        if row is None:
            return self
        value = self._record.kept(row).values.get(self._name)
        return value if value is None or self._decode is None else self._decode(value)

    def __set__(self, row: object, value: T | None) -> None:
        encoded = None if value is None else self._encode(value)
        self._record.change(row, self._name, encoded)


def owner_of(row: Any) -> UUID:
    """The id that owns this row's data keys: its case, its sitting, or the row itself."""
    owner: UUID = getattr(row, getattr(row, "__key_owner__", "id"))
    return owner


def records_of(kind: type) -> Sequence[SealedRecord]:
    """The sealed records that a model declares."""
    return kind.__dict__.get("__sealed_records__", ())


def declare_columns(kind: type) -> None:
    """Give a model class the columns of its records; called before it is mapped."""
    records = tuple(item for item in vars(kind).values() if isinstance(item, SealedRecord))
    for name, item in list(vars(kind).items()):
        if isinstance(item, _Index):
            owner = next(record for record in records if item.source in record.fields)
            owner.indexes.append(_Index(name, item.source, item.normalise))
    for record in records:
        for name, column in record.columns().items():
            setattr(kind, name, column)
    kind.__sealed_records__ = records  # type: ignore[attr-defined]


def forget(row: Any, names: Iterable[str] | None) -> None:
    """Drop what was opened when a row expires: after a commit, or a change that was rolled back.

    SQLAlchemy tells of rows that nobody holds any more as well; of those nothing is left.
    """
    if row is not None and names is None:
        for record in records_of(type(row)):
            row.__dict__.pop(record.slot, None)


KeyMaker = Callable[[UUID, UUID, str], None]
Witness = Callable[[Session, list[SealedCell]], None]
_key_maker: list[KeyMaker] = []
_witness: list[Witness] = []


def connect_key_maker(maker: KeyMaker) -> None:
    """Have ``maker(facility, owner, compartment)`` provide the first key of a compartment."""
    _key_maker[:] = [maker]


def connect_witness(witness: Witness) -> None:
    """Have ``witness(session, cells)`` told in each flush what it seals, before it is written."""
    _witness[:] = [witness]


@event.listens_for(Session, "before_flush")
def _seal_changes(session: Session, _context: object, _instances: object) -> None:
    """Seal whatever changed, just before it is written."""
    keys: OpenKeys = session.info.get(OPEN_KEYS) or OpenKeys()
    sealed = []
    for row in (*session.new, *session.dirty):
        for record in records_of(type(row)):
            if record.has_changed(row):
                record.require_key(row, keys)
                sealed.append(record.seal(row, keys, session.info[KEYRING]))
    for tell in _witness if sealed else ():
        tell(session, sealed)


@event.listens_for(Session, "persistent_to_detached")
def _take_back(_session: Session, row: object) -> None:
    """A row that left its session shows nothing any more."""
    forget(row, None)
