"""I4: a sealed value opens only in its own place, whatever somebody with the database does.

Generic over the models: a new sealed column is covered when it is declared.
"""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemgr.crypto import envelope
from casemgr.crypto.errors import CompartmentClosed, SealBroken
from casemgr.crypto.key_store import KeyStore
from casemgr.crypto.keyring import Keyring, OpenKeys
from casemgr.crypto.providers.file import FileProvider
from casemgr.crypto.sealed import SealedRecord, owner_of
from casemgr.db import Model
from tests.house.sealed_models import new_row, part_of, records

FACILITIES = (uuid4(), uuid4())
OWNERS = (uuid4(), uuid4())
SEALED = records()
IDS = [f"{kind.__name__}.{record.name}" for kind, record in SEALED]


class Safe:
    """Keys of two facilities, two owners each, all compartments: the attacker's best case."""

    def __init__(self, folder: Path, key_file: Path) -> None:
        store = KeyStore(f"sqlite:///{folder / 'keys.sqlite'}")
        store.create_schema()
        self.keyring = Keyring(store, FileProvider(str(key_file)))
        parts = sorted({part_of(record) for _, record in SEALED})
        self.keys = {facility: OpenKeys() for facility in FACILITIES}
        for facility, keys in self.keys.items():
            self.keyring.found_facility(facility)
            for owner in OWNERS:
                ids = [uuid4() for _ in parts]
                for key in self.keyring.new_keys(facility, owner, parts, ids):
                    keys.add(key)
        store.engine.dispose()

    def sealed(self, kind: type[Model], record: SealedRecord) -> tuple[Any, bytes]:
        """A row of the first owner, with something sealed in this record."""
        row = new_row(kind, facility_id=FACILITIES[0])
        setattr(row, getattr(kind, "__key_owner__", "id"), OWNERS[0])
        record.change(row, record.fields[0], "something")
        record.seal(row, self.keys[FACILITIES[0]], self.keyring)
        return row, getattr(row, record.column)


@pytest.fixture(scope="module")
def safe(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Safe:
    return Safe(tmp_path_factory.mktemp("safe"), key_file)


def opens(  # the place as it would be if the bytes were pasted there
    record: SealedRecord, row_id: UUID, owner: UUID, pasted: bytes, keys: OpenKeys
) -> bool:
    """Whether these bytes can be read there; any answer but SealBroken is a failure."""
    try:
        record.read(row_id, owner, pasted, keys, part_of(record))
    except SealBroken:
        return False
    return True


@pytest.mark.parametrize(("kind", "record"), SEALED, ids=IDS)
def test_it_opens_at_home(safe: Safe, kind: type[Model], record: SealedRecord) -> None:
    row, sealed = safe.sealed(kind, record)
    home = safe.keys[FACILITIES[0]]
    found = record.read(row.id, owner_of(row), sealed, home, part_of(record))
    assert found == {record.fields[0]: "something"}


@pytest.mark.parametrize(("kind", "record"), SEALED, ids=IDS)
def test_pasted_anywhere_else_it_does_not_open(
    safe: Safe, kind: type[Model], record: SealedRecord
) -> None:
    row, sealed = safe.sealed(kind, record)
    home, away = safe.keys[FACILITIES[0]], safe.keys[FACILITIES[1]]
    owner = owner_of(row)
    assert not opens(record, uuid4(), owner, sealed, home), "another row"
    assert not opens(record, row.id, OWNERS[1], sealed, home), "another case"
    assert not opens(record, row.id, owner, sealed, away), "another facility"
    for other_kind, other in SEALED:
        if other is not record:
            where = f"{other_kind.__name__}.{other.name}"
            assert not opens(other, row.id, owner, sealed, home), where


@pytest.mark.parametrize(("kind", "record"), SEALED, ids=IDS)
def test_another_compartment_does_not_open(
    safe: Safe, kind: type[Model], record: SealedRecord
) -> None:
    """The same place, read with the key of every other compartment of the same owner."""
    row, sealed = safe.sealed(kind, record)
    for part in {part_of(other) for _, other in SEALED} - {part_of(record)}:
        _, cipher = safe.keys[FACILITIES[0]].for_sealing(OWNERS[0], part)
        where = envelope.place(kind.__tablename__, record.column) + row.id.bytes
        with pytest.raises(SealBroken):
            envelope.unseal(cipher, sealed, where)


@pytest.mark.parametrize(("kind", "record"), SEALED, ids=IDS)
def test_a_rewritten_generation_does_not_open(
    safe: Safe, kind: type[Model], record: SealedRecord
) -> None:
    row, sealed = safe.sealed(kind, record)
    owner = owner_of(row)
    keys = safe.keys[FACILITIES[0]].copy()
    _, cipher = keys.for_sealing(owner, part_of(record))
    keys.by_header(owner, part_of(record))[envelope.header_of(2)] = (
        cipher  # even with the very same key
    )
    assert not opens(record, row.id, owner, b"\1\0\0\0\2" + sealed[5:], keys)
    assert not opens(record, row.id, owner, b"\1\0\0\0\3" + sealed[5:], keys)


@given(data=st.data())
def test_altered_bytes_are_sealbroken_and_nothing_else(safe: Safe, data: st.DataObject) -> None:
    kind, record = data.draw(st.sampled_from(SEALED))
    row, sealed = safe.sealed(kind, record)
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    flipped = bytearray(sealed)
    flipped[bit // 8] ^= 1 << bit % 8
    cut = data.draw(st.integers(0, len(sealed) - 1))
    for altered in (
        bytes(flipped),
        sealed[:cut],
        sealed + data.draw(st.binary(min_size=1, max_size=64)),
        data.draw(st.binary(max_size=100)),
    ):
        keys = safe.keys[FACILITIES[0]]
        assert not opens(record, row.id, owner_of(row), altered, keys)


@pytest.mark.parametrize(("kind", "record"), SEALED, ids=IDS)
def test_closed_means_closed(safe: Safe, kind: type[Model], record: SealedRecord) -> None:
    row, sealed = safe.sealed(kind, record)
    for source in (sealed, None):
        with pytest.raises(CompartmentClosed):
            record.read(row.id, owner_of(row), source, OpenKeys(), part_of(record))


def test_the_rule_bites(safe: Safe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that forgot the row in its associated data would be found."""
    kind, record = SEALED[0]
    for name in ("seal", "unseal_by_header"):
        real = getattr(envelope, name)
        monkeypatch.setattr(envelope, name, lambda *args, real=real: real(*args[:-1], b"anywhere"))
    row, sealed = safe.sealed(kind, record)
    assert opens(record, uuid4(), owner_of(row), sealed, safe.keys[FACILITIES[0]])
