"""The keyring: keys made, wrapped, opened for their owner alone; nothing of them is shown."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from casemgr.crypto import envelope
from casemgr.crypto.errors import CompartmentClosed, KeyMissing, KeyProviderDown, SealBroken
from casemgr.crypto.key_store import KeyStore, WrappedKey
from casemgr.crypto.keyring import Keyring, OpenKeys
from casemgr.crypto.many_ids import many_ids
from casemgr.crypto.secret import Secret
from tests.crypto.conftest import FACILITY, put_in_store

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "envelope.json").read_text("utf-8"))
OWNER = uuid4()


def made(keyring: Keyring, compartment: str = "IDENTITY", owner: UUID = OWNER) -> WrappedKey:
    key_id = uuid4()
    keyring.new_keys(FACILITY, owner, [compartment], [key_id])
    (wrapped,) = keyring.store.fetch([key_id])
    return wrapped


def altered(keyring: Keyring, key: WrappedKey, **facts: object) -> WrappedKey:
    """The same key in the store with something changed, under a new id."""
    other = key._replace(id=uuid4(), **facts)  # type: ignore[arg-type]
    put_in_store(keyring.store, other)
    return other


def test_a_key_that_was_made_opens_what_it_sealed(keyring: Keyring) -> None:
    key_id = uuid4()
    (fresh,) = keyring.new_keys(FACILITY, OWNER, ["SOCIAL"], [key_id])
    sealed = envelope.seal(fresh.cipher, 1, b"words", b"there")
    (again,) = keyring.open(FACILITY, [key_id])
    assert (again.owner_id, again.compartment, again.generation) == (OWNER, "SOCIAL", 1)
    assert envelope.unseal(again.cipher, sealed, b"there") == b"words"


def test_compartments_of_one_owner_have_different_keys(keyring: Keyring) -> None:
    ids = [uuid4(), uuid4()]
    one, other = keyring.new_keys(FACILITY, OWNER, ["IDENTITY", "CLINICAL"], ids)
    with pytest.raises(SealBroken):
        envelope.unseal(other.cipher, envelope.seal(one.cipher, 1, b"x", b"w"), b"w")


@pytest.mark.parametrize(
    "facts",
    [
        {"owner_id": UUID(int=1)},
        {"compartment": "CLINICAL"},
        {"generation": 2},
        {"facility_id": UUID(int=2)},
        {"facility_key": 2},
        {"wrapped": b"\x01" + bytes(64)},
        {"wrapped": b""},
        {"commitment": bytes(32)},
        {"commitment": b""},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_a_wrapped_key_moved_or_altered_does_not_open(
    keyring: Keyring, facts: dict[str, object]
) -> None:
    other = altered(keyring, made(keyring), **facts)
    assert keyring.open(FACILITY, [other.id]) == [], (
        "a key that is not what it says must be left out"
    )


@pytest.mark.parametrize("column", ["generation", "facility_key", "wrapped", "commitment"])
@pytest.mark.parametrize("value", ["x", "2", 0.5, -1, 10**12, b"", b"\x01" * 65])
def test_whatever_somebody_writes_into_the_store_no_key_comes_of_it(
    keyring: Keyring, column: str, value: object
) -> None:
    """SQLite takes any type in any column. The key beside it opens as before."""
    broken, sound = made(keyring), made(keyring, "CLINICAL")
    with keyring.store.engine.begin() as connection:
        statement = f"UPDATE data_key SET {column} = ? WHERE id = ?"  # noqa: S608 - our own names
        connection.exec_driver_sql(statement, (value, broken.id.hex))
    keys = OpenKeys()
    for part in ("IDENTITY", "CLINICAL"):
        keys.admit(OWNER, part)
    keyring.open_into(keys, FACILITY, many_ids([broken.id, sound.id], "sqlite"))
    assert not keys.has_key(OWNER, "IDENTITY")
    assert keys.has_key(OWNER, "CLINICAL")


def test_keys_of_a_list_are_opened_where_they_were_admitted(keyring: Keyring) -> None:
    """The many-at-once way of open(): the same keys, for the same owner and compartment only."""
    owners = [uuid4() for _ in range(5)]
    ids = [made(keyring, part, owner).id for owner in owners for part in ("IDENTITY", "CLINICAL")]
    keys = OpenKeys()
    for owner in owners[1:]:
        keys.admit(owner, "IDENTITY")
    keyring.open_into(keys, FACILITY, many_ids(ids, "sqlite"))
    assert not keys.is_open(owners[0], "IDENTITY")
    assert not keys.is_open(owners[1], "CLINICAL")
    sealed = envelope.seal(keyring.open(FACILITY, ids[2:3])[0].cipher, 1, b"words", b"there")
    ciphers = keys.by_header(owners[1], "IDENTITY")
    assert envelope.unseal_by_header(ciphers, sealed, b"there") == b"words"


def test_a_key_of_another_facility_does_not_open(keyring: Keyring) -> None:
    elsewhere = uuid4()
    keyring.found_facility(elsewhere)
    fresh = Keyring(keyring.store, keyring.provider)
    assert fresh.open(elsewhere, [made(keyring).id]) == [], (
        "a key that is not what it says must be left out"
    )


def test_a_wrapped_key_cannot_stand_in_for_another(keyring: Keyring) -> None:
    """Two keys of one case swapped in the store: neither opens."""
    one, other = made(keyring, "IDENTITY"), made(keyring, "CLINICAL")
    swapped = altered(keyring, one, wrapped=other.wrapped, commitment=other.commitment)
    assert keyring.open(FACILITY, [swapped.id]) == [], (
        "a key that is not what it says must be left out"
    )


def test_the_commitment_alone_decides_too(keyring: Keyring) -> None:
    """A second key wrapped properly by somebody who has the facility key, without commitment."""
    key = made(keyring)
    number = keyring.active_number(FACILITY, "data")
    cipher = keyring.facility_cipher(FACILITY, "data", number)
    context = envelope.key_context(FACILITY, OWNER, "IDENTITY", 1)
    forged = altered(keyring, key, wrapped=envelope.wrap(cipher, number, bytes(32), context))
    assert keyring.open(FACILITY, [forged.id]) == [], (
        "a key that is not what it says must be left out"
    )


@pytest.mark.parametrize("vector", VECTORS["blind_index"], ids=lambda v: v["field"])
def test_frozen_blind_indexes(
    keyring: Keyring, vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Secret(bytes.fromhex(vector["root"]))
    monkeypatch.setattr(keyring, "_secrets", {(FACILITY, "index"): {1: root}})
    monkeypatch.setattr(keyring, "_active", {(FACILITY, "index"): 1})
    made_index = keyring.blind_index(FACILITY, vector["field"], vector["normalised"])
    assert made_index == vector["index"]


def test_a_blind_index_tells_fields_and_facilities_apart(keyring: Keyring) -> None:
    elsewhere = uuid4()
    keyring.found_facility(elsewhere)
    keyring = Keyring(keyring.store, keyring.provider)
    found = {
        keyring.blind_index(facility, field, "0500000111")
        for facility in (FACILITY, elsewhere)
        for field in ("case_safe_contact.phone", "case_identity.national_id")
    }
    assert len(found) == 4
    assert all(-(2**63) <= index < 2**63 for index in found)


def test_an_unknown_facility_has_no_keys(keyring: Keyring) -> None:
    with pytest.raises(KeyMissing):
        keyring.derive(uuid4(), "index", "x")


def test_closed_empty_and_open(keyring: Keyring) -> None:
    keys = OpenKeys()
    with pytest.raises(CompartmentClosed):
        keys.for_opening(OWNER, "IDENTITY", 1)
    keys.admit(OWNER, "IDENTITY")
    with pytest.raises(KeyMissing):
        keys.for_sealing(OWNER, "IDENTITY")
    with pytest.raises(SealBroken):
        keys.for_opening(OWNER, "IDENTITY", 1)
    for key in keyring.open(FACILITY, [made(keyring).id]):
        keys.add(key)
    assert keys.for_sealing(OWNER, "IDENTITY")[0] == 1
    with pytest.raises(CompartmentClosed):
        keys.for_opening(OWNER, "CLINICAL", 1)
    with pytest.raises(CompartmentClosed):
        keys.for_opening(uuid4(), "IDENTITY", 1)
    twin = keys.copy()
    keys.close()
    assert not keys.is_open(OWNER, "IDENTITY")
    assert twin.has_key(OWNER, "IDENTITY")


def test_nothing_of_a_key_is_shown(keyring: Keyring) -> None:
    (key,) = keyring.open(FACILITY, [made(keyring).id])
    keys = OpenKeys()
    keys.add(key)
    for shown in (repr(key), repr(keys), repr(keyring), repr(keyring.provider)):
        assert len(shown) < 120
        assert str(OWNER) not in shown


def test_a_provider_in_trouble_after_the_start_is_no_outage(
    keyring: Keyring, store: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design §4: facility keys are unwrapped once; a provider that goes down later is no outage."""
    key = made(keyring)

    def down(_wrapped: bytes, _context: bytes) -> bytes:
        raise KeyProviderDown

    monkeypatch.setattr(keyring.provider, "unwrap", down)
    assert keyring.open(FACILITY, [key.id])
    with pytest.raises(KeyProviderDown):
        Keyring(store, keyring.provider).open(FACILITY, [key.id])
