"""Facility keys that change under a running process, and data keys that are wrapped meanwhile."""

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from casemgr.crypto import making, rotation
from casemgr.crypto.errors import FacilityKeyRetired, KeyInUse, KeyMissing, KeyProviderDown
from casemgr.crypto.key_store import KeyStore
from casemgr.crypto.key_store_schema import facility_key
from casemgr.crypto.keyring import Keyring
from tests.crypto.conftest import FACILITY

OWNER = uuid4()


def other_process(keyring: Keyring) -> Keyring:
    return Keyring(keyring.store, keyring.provider)


def rotated(keyring: Keyring) -> int:
    number = rotation.renew_data_key(keyring, FACILITY, 1)
    for _ in rotation.rewrap(keyring, FACILITY):
        pass
    return number


def test_a_data_key_made_by_a_process_that_missed_the_rotation(keyring: Keyring) -> None:
    """It still holds the old facility key as the active one; the store refuses, it learns."""
    late = other_process(keyring)
    assert late.active_number(FACILITY, "data") == 1
    rotated(keyring)
    key_id = uuid4()
    late.new_keys(FACILITY, OWNER, ["SOCIAL"], [key_id])
    (row,) = keyring.store.fetch([key_id])
    assert row.facility_key == 2
    assert late.open(FACILITY, [key_id])


def test_nothing_new_lies_under_a_retired_key(keyring: Keyring) -> None:
    key_id = uuid4()
    keyring.new_keys(FACILITY, OWNER, ["SOCIAL"], [key_id])
    (row,) = keyring.store.fetch([key_id])
    rotation.renew_data_key(keyring, FACILITY, 1)
    with pytest.raises(FacilityKeyRetired):
        keyring.store.add_pending([row._replace(id=uuid4())])


def test_a_process_meets_a_number_that_it_does_not_know(keyring: Keyring) -> None:
    key_id = uuid4()
    keyring.new_keys(FACILITY, OWNER, ["SOCIAL"], [key_id])
    late = other_process(keyring)
    assert late.open(FACILITY, [key_id])
    rotated(keyring)
    assert late.open(FACILITY, [key_id])


def test_the_provider_may_go_down_once_keys_are_held(
    keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.refresh()

    def down(*_: object) -> bytes:
        raise KeyProviderDown

    monkeypatch.setattr(type(keyring.provider), "unwrap", down)
    keyring.refresh()
    key_id = uuid4()
    keyring.new_keys(FACILITY, OWNER, ["SOCIAL"], [key_id])
    assert keyring.open(FACILITY, [key_id])
    assert keyring.blind_index(FACILITY, "x", "1") == keyring.blind_index(FACILITY, "x", "1")
    with pytest.raises(KeyProviderDown):
        other_process(keyring).open(FACILITY, [key_id])


def test_a_destroyed_facility_key_leaves_memory(keyring: Keyring) -> None:
    late = other_process(keyring)
    late.facility_cipher(FACILITY, "data", 1)
    rotated(keyring)
    keyring.store.destroy_facility_key(FACILITY, "data", 1)
    late.refresh()
    assert 1 not in late._secrets[FACILITY, "data"]
    assert (FACILITY, "data", 1) not in late._ciphers


@pytest.mark.parametrize("purpose", ["index", "tag", "backup", "data"])
def test_the_active_key_is_never_destroyed(keyring: Keyring, purpose: str) -> None:
    with pytest.raises(KeyInUse):
        keyring.store.destroy_facility_key(FACILITY, purpose, 1)


def test_a_key_with_something_under_it_is_never_destroyed(keyring: Keyring) -> None:
    keyring.new_keys(FACILITY, OWNER, ["SOCIAL"], [uuid4()])
    rotation.renew_data_key(keyring, FACILITY, 1)
    with pytest.raises(KeyInUse):
        keyring.store.destroy_facility_key(FACILITY, "data", 1)
    list(rotation.rewrap(keyring, FACILITY))
    for _ in range(2):  # repeatable
        keyring.store.destroy_facility_key(FACILITY, "data", 1)


def test_a_second_run_does_not_undo_the_first(keyring: Keyring) -> None:
    """Two rotations at once: a key that the other one moved further is left where it is."""
    ids = [uuid4() for _ in range(5)]
    keyring.new_keys(FACILITY, OWNER, ["A", "B", "C", "D", "E"], ids)
    slow = other_process(keyring)
    rotation.renew_data_key(keyring, FACILITY, 1)
    steps = rotation.rewrap(slow, FACILITY)
    rotated(keyring)
    list(steps)
    assert {row.facility_key for row in keyring.store.fetch(ids)} == {3}


def test_a_removal_during_a_rotation_stays_removed(keyring: Keyring) -> None:
    ids = [uuid4() for _ in range(3)]
    keyring.new_keys(FACILITY, OWNER, ["A", "B", "C"], ids)
    number = rotation.renew_data_key(keyring, FACILITY, 1)
    rows = keyring.store.under_older(FACILITY, number, None, 10)
    old, new = (keyring.facility_cipher(FACILITY, "data", n) for n in (1, number))
    pairs = [(row, making.rewrap_data_key(old, new, number, row)) for row in rows]
    keyring.store.remove(ids[:1])
    keyring.store.replace_wrapping(pairs)
    assert {row.id for row in keyring.store.fetch(ids)} == set(ids[1:])


def test_index_tag_and_backup_stay_the_same_secrets_under_a_new_root(keyring: Keyring) -> None:
    before = [keyring.derive(FACILITY, purpose, "x") for purpose in ("index", "tag", "backup")]
    old = {key.purpose: key for key in keyring.store.facility_keys()}
    keyring.provider.renew()
    rotation.move_to_present_root(keyring, 2)
    new = {key.purpose: key for key in keyring.store.facility_keys()}
    assert new["data"] == old["data"], "a copy under the new root would outlive the old one"
    for purpose in ("index", "tag", "backup"):
        assert new[purpose].root != old[purpose].root
    keyring.provider.destroy(old["tag"].root)
    late = other_process(keyring)
    assert [late.derive(FACILITY, p, "x") for p in ("index", "tag", "backup")] == before


def test_removed_keys_leave_no_trace_in_the_file(store: KeyStore, keyring: Keyring) -> None:
    ids = [uuid4() for _ in range(50)]
    keyring.new_keys(FACILITY, OWNER, [f"P{n}" for n in range(50)], ids)
    rows = store.fetch(ids)
    store.remove(ids)
    folder = Path(str(store.engine.url.database)).parent
    stored = b"".join(path.read_bytes() for path in folder.glob("keys.sqlite*"))
    assert ids[0].hex.encode() in stored, "the tombstones are there"
    assert not [row for row in rows if row.wrapped in stored or row.commitment in stored]


def test_an_older_facility_key_that_was_put_back_at_work_wraps_nothing(keyring: Keyring) -> None:
    """Somebody who knows it and can write to the store would read whatever came to lie under it."""
    rotated(keyring)
    with keyring.store.writing() as connection:
        for number, state in ((1, "active"), (2, "decrypt-only")):
            row = (facility_key.c.purpose == "data", facility_key.c.number == number)
            connection.execute(facility_key.update().where(*row).values(state=state))
    for ring in (keyring, other_process(keyring)):
        ring.refresh()
        with pytest.raises(KeyMissing):
            ring.new_keys(FACILITY, OWNER, ["SOCIAL"], [uuid4()])


def test_a_store_that_was_put_back_numbers_another_key_so(keyring: Keyring) -> None:
    """A process that ran on would wrap under a key that is nowhere any more."""
    rotated(keyring)
    with keyring.store.writing() as connection:  # as a copy of before the rotation has it
        row = (facility_key.c.purpose == "data", facility_key.c.number == 2)
        connection.execute(facility_key.delete().where(*row))
        older = (facility_key.c.purpose == "data", facility_key.c.number == 1)
        connection.execute(facility_key.update().where(*older).values(state="active"))
    rotated(other_process(keyring))
    keyring.refresh()
    key_id = uuid4()
    keyring.new_keys(FACILITY, OWNER, ["SOCIAL"], [key_id])
    assert other_process(keyring).open(FACILITY, [key_id])


def test_a_planted_row_stops_no_rotation(store: KeyStore, keyring: Keyring) -> None:
    """SQLite takes text where bytes belong: that key is broken, the others are wrapped anew."""
    ids = [uuid4(), uuid4()]
    for key_id in ids:
        keyring.new_keys(FACILITY, OWNER, ["SOCIAL"], [key_id])
    with store.writing() as connection:
        connection.execute(text("UPDATE data_key SET commitment = 'text' WHERE id = :i"),
                           {"i": ids[0].hex})  # fmt: skip
    rotation.renew_data_key(keyring, FACILITY, 1)
    last = list(rotation.rewrap(keyring, FACILITY))[-1]
    assert (last.done, last.broken) == (1, 1)
    assert [key.id for key in keyring.open(FACILITY, ids)] == [ids[1]]
