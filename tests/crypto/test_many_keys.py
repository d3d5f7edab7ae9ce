"""Many keys at once, on both databases: as many as were asked for, whatever was written beside."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from casemgr.crypto import envelope
from casemgr.crypto.keyring import Keyring, OpenKeys
from casemgr.crypto.many_ids import many_ids
from casemgr.db import new_id

FACILITY = uuid4()
PARTS = ("IDENTITY", "CLINICAL")


@pytest.fixture
def keyring(app: Flask) -> Iterator[Keyring]:
    with app.app_context():
        keyring: Keyring = app.extensions["keyring"]
        keyring.found_facility(FACILITY)
        yield keyring


def made(keyring: Keyring, owner: UUID, part: str, generation: int = 1) -> UUID:
    key_id = new_id()
    keyring.new_keys(FACILITY, owner, [part], [key_id], generation)
    return key_id


def opened(keyring: Keyring, owners: list[UUID], ids: list[UUID]) -> OpenKeys:
    keys = OpenKeys()
    for owner in owners:
        for part in PARTS:
            keys.admit(owner, part)
    keyring.open_into(keys, FACILITY, many_ids(ids, keyring.store.engine.dialect.name))
    return keys


def written(keyring: Keyring, key_id: UUID, column: str, value: object) -> None:
    shown = key_id if keyring.store.engine.dialect.name == "postgresql" else key_id.hex
    with keyring.store.engine.begin() as connection:
        statement = f"UPDATE data_key SET {column} = :value WHERE id = :key"  # noqa: S608 - ours
        connection.execute(text(statement), {"value": value, "key": shown})


def test_each_key_comes_to_its_owner_compartment_and_generation(keyring: Keyring) -> None:
    owners = [uuid4() for _ in range(20)]
    places = [(owner, part, number) for owner in owners for part in PARTS for number in (1, 300)]
    ids = [made(keyring, *place) for place in places]
    keys = opened(keyring, owners, ids)
    for key_id, (owner, part, generation) in zip(ids, places, strict=True):
        (alone,) = keyring.open(FACILITY, [key_id])
        sealed = envelope.seal(keys.for_opening(owner, part, generation), generation, b"w", b"h")
        assert envelope.unseal(alone.cipher, sealed, b"h") == b"w"


def test_none_were_asked_for(keyring: Keyring) -> None:
    owner = uuid4()
    made(keyring, owner, "IDENTITY")
    assert not opened(keyring, [owner], []).has_key(owner, "IDENTITY")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("wrapped", b"\x01" * 65),
        ("wrapped", b"\x01" * 64),
        ("wrapped", b""),
        ("commitment", bytes(32)),
        ("commitment", bytes(31)),
        ("compartment", "CLINICAL,IDENTITY"),
        ("compartment", ""),
        ("compartment", "Ý"),
        ("generation", 2**31 - 1),
        ("facility_key", 77),
    ],
    ids=lambda value: value if isinstance(value, str) and value.islower() else None,
)
def test_a_row_that_was_tampered_with_moves_no_other_out_of_step(
    keyring: Keyring, column: str, value: object
) -> None:
    owners = [uuid4() for _ in range(3)]
    ids = [made(keyring, owner, "IDENTITY") for owner in owners]
    written(keyring, ids[1], column, value)
    keys = opened(keyring, owners, ids)
    has_key = [keys.has_key(owner, "IDENTITY") for owner in owners]
    assert has_key == [True, False, True]


def test_what_was_proven_once_is_proven_again_when_its_commitment_changes(
    keyring: Keyring,
) -> None:
    """The second opening skips the commitment only while every byte of it is what it was."""
    owner = uuid4()
    key_id = made(keyring, owner, "IDENTITY")
    assert opened(keyring, [owner], [key_id]).has_key(owner, "IDENTITY")
    assert opened(keyring, [owner], [key_id]).has_key(owner, "IDENTITY")
    written(keyring, key_id, "commitment", bytes(32))
    assert not opened(keyring, [owner], [key_id]).has_key(owner, "IDENTITY")


def test_what_is_remembered_as_proven_is_bounded(
    keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(keyring._proven), "MOST", 2)
    owners = [uuid4() for _ in range(5)]
    ids = [made(keyring, owner, "IDENTITY") for owner in owners]
    assert all(opened(keyring, owners, ids).has_key(owner, "IDENTITY") for owner in owners)
    assert len(keyring._proven._commitments) <= 2
