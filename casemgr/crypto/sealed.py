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

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar, cast, overload
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import BigInteger, event
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import flag_modified, instance_state

from casemgr.crypto import connections, envelope, field_kinds
from casemgr.crypto.connections import SealedCell
from casemgr.crypto.errors import CompartmentClosed, KeyMissing, SealBroken
from casemgr.crypto.field_kinds import Kind
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.open_keys import Lease, OpenKeys
from casemgr.crypto.partial_date import PartialDate
from casemgr.crypto.sealed_bytes import SealedBytes

OPEN_KEYS, KEYRING = "open_keys", "keyring"  # where the session carries them

T = TypeVar("T")
E = TypeVar("E", bound=Enum)
# What a row keeps of an opened record: the ciphertext that it came from, the lease of the keys, and
# the fields as JSON holds them. It counts while the row still holds that ciphertext and the lease is
# valid. A bare tuple, for one is made for every row that is read.
_Opened: TypeAlias = tuple[bytes | None, Lease, dict[str, Any]]
_OWN = Lease()  # of values that were set and not sealed yet: nobody can take those back


class WithoutRowVersion(TypeError):
    """A sealed record is read, changed and written whole: two editors would overwrite each other."""


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
    cell_name: str = ""  # table.column
    slot: str = ""  # where a row keeps what was opened
    owner: str = "id"  # the attribute that owns the key
    place: bytes = b""  # what the associated data of every row begins with
    fields: list[str] = field(default_factory=list)
    indexes: list[_Index] = field(default_factory=list)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.column, self.slot = name, name + "_sealed", "_opened_" + name

    def settle(self, kind: Any) -> None:
        """Know the table: called once, when its class is made."""
        self.owner = getattr(kind, "__key_owner__", "id")
        self.cell_name = f"{kind.__tablename__}.{self.column}"
        self.place = envelope.place(kind.__tablename__, self.column)

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
        return self.kept(row)[2]

    def kept(self, row: Any) -> _Opened:
        """What was opened of this row and still counts, else open it. Raises as ``opened``."""
        state = row.__dict__
        kept: _Opened | None = state.get(self.slot)
        source: bytes | None = state.get(self.column)
        if kept is not None and kept[0] is source and kept[1].is_valid:
            return kept
        if source is None:
            source = getattr(row, self.column)  # loads it, unless there is nothing
        session = instance_state(row).session
        if session is None:
            if source is not None:
                raise CompartmentClosed(self.compartment_of(row))
            return None, _OWN, {}
        keys: OpenKeys = session.info[OPEN_KEYS]
        owner = state.get(self.owner) or getattr(row, self.owner)
        part = self.compartment_of(row) if self.by_column else ""
        try:
            values = self.read(state["id"], owner, source, keys, part)
        except SealBroken:
            for tell in connections.alarms:
                tell(session, row, self)
            raise
        kept = state[self.slot] = (source, keys.lease, values)
        return kept

    def read(
        self, row_id: UUID, owner: UUID, source: bytes | None, keys: OpenKeys, part: str = ""
    ) -> dict[str, Any]:
        """Open one sealed column without loading its row; values as they are encoded.

        ``part`` is the compartment of a row that has its own.
        """
        ciphers = keys.by_header(owner, part or self.compartment)
        if source is None:
            return {}
        plain = envelope.unseal_by_header(ciphers, source, self.place + row_id.bytes)
        values: dict[str, Any] = orjson.loads(plain)
        return values

    def change(self, row: Any, name: str, value: Any) -> None:
        """Set one field; the record is sealed anew at flush, unless the value is what it was."""
        source, lease, values = self.kept(row)
        if field_kinds.same(values.get(name), value):
            return
        if lease is not _OWN or self.slot not in row.__dict__:
            values = values.copy()
            self._mark(row, source)
            row.__dict__[self.slot] = (source, _OWN, values)
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
        return kept is not None and kept[1] is _OWN

    def seal(self, row: Any, keys: OpenKeys, keyring: Keyring) -> SealedCell:
        """Seal what was changed on this row; called by the flush. Returns what the log keeps.

        Raises CompartmentClosed.
        """
        state = row.__dict__
        values: dict[str, Any] = state[self.slot][2]
        for index in self.indexes:
            setattr(row, index.column, self._blind(row, index, values, keyring))
        generation, cipher = self._key(row, keys)
        plain = orjson.dumps(values)
        plain += b" " * (-len(plain) % self.pad)  # JSON ignores trailing blanks
        row_id: UUID = state["id"]
        sealed = envelope.seal(cipher, generation, plain, self.place + row_id.bytes)
        state[self.column] = sealed  # ``change`` told SQLAlchemy that it would
        state[self.slot] = (sealed, keys.lease, values)
        return self.cell(row_id, sealed)

    def _key(self, row: Any, keys: OpenKeys) -> tuple[int, AESGCM]:
        """The newest key; the first one of an opened compartment is made now."""
        owner = row.__dict__.get(self.owner) or getattr(row, self.owner)
        part = self.compartment_of(row)
        try:
            return keys.for_sealing(owner, part)
        except KeyMissing:
            for make in connections.key_makers:
                make(row.facility_id, owner, part)
            return keys.for_sealing(owner, part)

    def cell(self, row_id: UUID, sealed: bytes | None) -> SealedCell:
        """What the log keeps of these bytes in this record's column of a row."""
        return connections.cell(self.cell_name, row_id, sealed)

    def _blind(
        self, row: Any, index: _Index, values: dict[str, Any], keyring: Keyring
    ) -> int | None:
        text = index.normalise(values.get(index.source) or "")
        label = f"{row.__tablename__}.{index.source}"
        return keyring.blind_index(row.facility_id, label, text) if text else None


class Field(property, Generic[T]):
    """One sealed field, read and written as a plain attribute.

    A property made of closures: reading ten fields of ten thousand rows costs what plain columns do.
    """

    def __init__(self, record: SealedRecord, kind: Kind) -> None:
        super().__init__()
        self._record, (self._encode, self._decode) = record, kind
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._record.fields.append(name)
        super().__init__(self._reader(), self._writer())
        # For the attributes of a row that is just being made: nothing was there or can be closed.
        self.begin = self._beginner()

    if TYPE_CHECKING:

        @overload
        def __get__(self, row: None, owner: type | None = None) -> Self: ...
        @overload
        def __get__(self, row: object, owner: type | None = None) -> T | None: ...
        def __get__(self, row: object | None, owner: type | None = None) -> Any: ...
        def __set__(self, row: object, value: T | None) -> None: ...

    def _reader(self) -> Callable[[Any], T | None]:
        record, name, decode = self._record, self._name, self._decode
        slot, column = record.slot, record.column

        def read(row: Any) -> Any:
            state = row.__dict__
            kept: _Opened | None = state.get(slot)
            # The first lines of SealedRecord.kept once more: a call less for every field read.
            if kept is None or kept[0] is not state.get(column) or not kept[1].is_valid:
                kept = record.kept(row)
            return kept[2].get(name)

        def read_and_decode(row: Any) -> Any:
            value = read(row)
            return None if value is None else decode(value)  # type: ignore[misc]

        return read if decode is None else read_and_decode

    def _writer(self) -> Callable[[Any, T | None], None]:
        record, name, encode = self._record, self._name, self._encode

        def write(row: Any, value: T | None) -> None:
            record.change(row, name, None if value is None else encode(value))

        return write

    def _beginner(self) -> Callable[[dict[str, Any], T | None], None]:
        record, name, encode = self._record, self._name, self._encode
        slot = record.slot

        def begin(state: dict[str, Any], value: T | None) -> None:
            if value is not None:
                kept: _Opened | None = state.get(slot)
                if kept is None:
                    kept = state[slot] = (None, _OWN, {})
                kept[2][name] = encode(value)

        return begin


def owner_of(row: Any) -> UUID:
    """The id that owns this row's data keys: its case, its sitting, or the row itself."""
    owner: UUID = getattr(row, getattr(row, "__key_owner__", "id"))
    return owner


def records_of(kind: type) -> Sequence[SealedRecord]:
    """The sealed records that a model declares."""
    records: Sequence[SealedRecord] = kind.__dict__.get("__sealed_records__", ())
    return records


def fields_of(kind: type) -> Mapping[str, "Field[Any]"]:
    """The sealed fields that a model declares, by name."""
    fields: Mapping[str, Field[Any]] = kind.__dict__.get("__sealed_fields__", {})
    return fields


def declare_columns(kind: type) -> None:
    """Give a model class the columns of its records; called before it is mapped."""
    records = tuple(item for item in vars(kind).values() if isinstance(item, SealedRecord))
    for name, item in list(vars(kind).items()):
        if isinstance(item, _Index):
            owner = next(record for record in records if item.source in record.fields)
            owner.indexes.append(_Index(name, item.source, item.normalise))
    for record in records:
        record.settle(kind)
        for name, column in record.columns().items():
            setattr(kind, name, column)
    kind.__sealed_records__ = records  # type: ignore[attr-defined]
    fields = {name: item for name, item in vars(kind).items() if isinstance(item, Field)}
    kind.__sealed_fields__ = fields  # type: ignore[attr-defined]


def forget(row: Any, names: Iterable[str] | None) -> None:
    """Drop what was opened when a row expires: after a commit, or a change that was rolled back.

    SQLAlchemy tells of rows that nobody holds any more as well; of those nothing is left.
    """
    if row is not None and names is None:
        for record in records_of(type(row)):
            row.__dict__.pop(record.slot, None)


@event.listens_for(Session, "before_flush")
def _seal_changes(session: Session, _context: object, _instances: object) -> None:
    """Seal whatever changed, just before it is written."""
    keys: OpenKeys = session.info.get(OPEN_KEYS) or OpenKeys()
    sealed = [
        record.seal(row, keys, session.info[KEYRING])
        for row in (*session.new, *session.dirty)
        for record in records_of(type(row))
        if record.has_changed(row)
    ]
    for tell in connections.witnesses if sealed else ():
        tell(session, sealed)


@event.listens_for(Session, "persistent_to_detached")
def _take_back(_session: Session, row: object) -> None:
    """A row that left its session shows nothing any more."""
    forget(row, None)
