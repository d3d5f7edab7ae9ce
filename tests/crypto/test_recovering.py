"""Sets of shares in the key store: issued, tried out, used after the root was lost, replaced."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from casemgr import clock
from casemgr.crypto import envelope, making, rotation
from casemgr.crypto.errors import KeyMissing, KeyProviderDown, SealBroken, SharesChanged
from casemgr.crypto.facility_keys import PURPOSES, WrappedFacilityKey
from casemgr.crypto.key_store import KeyStore
from casemgr.crypto.key_store_schema import facility_key, recovery_envelope
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.providers.file import FileProvider
from casemgr.crypto.recovery import (
    key_pair,
    recovering,
    recovery_sets,
    recovery_store,
    vouching,
)
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.recovery.recovery_sets import Envelope
from casemgr.crypto.secret import Secret
from tests.crypto.conftest import FACILITY


@pytest.fixture
def key(keyring: Keyring) -> RecoveryKey:
    """A set that was issued a moment ago, with all five shares in one hand."""
    made = RecoveryKey.make()
    recovering.issue(keyring.store, keyring.provider, FACILITY, made)
    return made


def sealed_names(store: KeyStore) -> set[tuple[str, int]]:
    return set(recovery_store.envelopes(store, FACILITY))


def new_provider(folder: Path) -> FileProvider:
    """What the settings name after the root was lost: a file that is not there yet."""
    return FileProvider(str(folder / "new" / "root.key"))


def test_a_set_seals_every_facility_key(keyring: Keyring, key: RecoveryKey) -> None:
    assert sealed_names(keyring.store) == {(purpose, 1) for purpose in PURPOSES}
    assert recovery_store.without_envelope(keyring.store, FACILITY) == []
    assert recovering.try_out(keyring.store, keyring.provider, FACILITY, key) == len(PURPOSES)


def test_before_shares_were_made_every_key_lacks_an_envelope(keyring: Keyring) -> None:
    assert recovery_store.current(keyring.store, FACILITY) is None
    lacking = recovery_store.without_envelope(keyring.store, FACILITY)
    assert {each.purpose for each in lacking} == set(PURPOSES)
    with pytest.raises(SealBroken):
        recovering.try_out(keyring.store, keyring.provider, FACILITY, RecoveryKey.make())


def test_a_hospital_without_keys_gets_no_shares(store: KeyStore, key_file: Path) -> None:
    with pytest.raises(KeyMissing):
        recovering.issue(store, FileProvider(str(key_file)), FACILITY, RecoveryKey.make())


def test_a_lost_root_is_replaced_and_everything_opens(
    keyring: Keyring, key: RecoveryKey, tmp_path: Path
) -> None:
    key_id, owner = uuid4(), uuid4()
    (fresh,) = keyring.new_keys(FACILITY, owner, ["IDENTITY"], [key_id])
    sealed = envelope.seal(fresh.cipher, 1, b"words", b"there")
    index = keyring.blind_index(FACILITY, "field", "value")
    provider = new_provider(tmp_path)
    with pytest.raises(KeyProviderDown):
        Keyring(keyring.store, provider).open(FACILITY, [key_id])

    assert recovering.recover(keyring.store, provider, FACILITY, key) == len(PURPOSES)

    recovered = Keyring(keyring.store, provider)
    (again,) = recovered.open(FACILITY, [key_id])
    assert envelope.unseal(again.cipher, sealed, b"there") == b"words"
    assert recovered.blind_index(FACILITY, "field", "value") == index
    recovering.recover(keyring.store, provider, FACILITY, key)  # once more does no harm
    assert Keyring(keyring.store, provider).open(FACILITY, [key_id])


def test_a_provider_that_is_there_keeps_its_root(
    keyring: Keyring, key: RecoveryKey, tmp_path: Path
) -> None:
    provider = new_provider(tmp_path)
    provider.create()
    provider.renew()
    recovering.recover(keyring.store, provider, FACILITY, key)
    roots = {each.root for each in keyring.store.facility_keys()}
    assert roots == {"file:2"} == {provider.root_name()}


def test_a_key_made_later_is_sealed_to_the_shares_at_once(
    keyring: Keyring, key: RecoveryKey, tmp_path: Path
) -> None:
    number = rotation.renew_data_key(keyring, FACILITY, 1)
    assert ("data", number) in sealed_names(keyring.store)
    key_id = uuid4()
    keyring.new_keys(FACILITY, uuid4(), ["IDENTITY"], [key_id])
    provider = new_provider(tmp_path)
    recovering.recover(keyring.store, provider, FACILITY, key)
    assert Keyring(keyring.store, provider).open(FACILITY, [key_id])


def test_a_destroyed_key_takes_its_envelope_along(keyring: Keyring, key: RecoveryKey) -> None:
    number = rotation.renew_data_key(keyring, FACILITY, 1)
    keyring.store.destroy_facility_key(FACILITY, "data", 1)
    names = {name for name in sealed_names(keyring.store) if name[0] == "data"}
    assert names == {("data", number)}
    assert recovering.try_out(keyring.store, keyring.provider, FACILITY, key) == len(PURPOSES)


def test_an_older_set_opens_nothing_any_more(
    keyring: Keyring, key: RecoveryKey, tmp_path: Path
) -> None:
    newer = RecoveryKey.make()
    issued = recovering.issue(keyring.store, keyring.provider, FACILITY, newer)
    current = recovery_store.current(keyring.store, FACILITY)
    assert current is not None
    assert current.public == newer.public == issued.public
    with pytest.raises(SealBroken):
        recovering.try_out(keyring.store, keyring.provider, FACILITY, key)
    provider = new_provider(tmp_path)
    before = keyring.store.facility_keys()
    with pytest.raises(SealBroken):
        recovering.recover(keyring.store, provider, FACILITY, key)
    assert keyring.store.facility_keys() == before
    with pytest.raises(KeyProviderDown):  # not even a root was made
        provider.root_name()


@pytest.mark.usefixtures("key")
def test_the_envelopes_of_an_older_set_are_in_no_file(
    store: KeyStore, keyring: Keyring, tmp_path: Path
) -> None:
    old = list(recovery_store.envelopes(store, FACILITY).values())
    recovering.issue(store, keyring.provider, FACILITY, RecoveryKey.make())
    bytes_on_disk = b"".join(path.read_bytes() for path in tmp_path.glob("keys.sqlite*"))
    assert not [each for each in old if each in bytes_on_disk]
    assert all(each in bytes_on_disk for each in recovery_store.envelopes(store, FACILITY).values())


def plant_a_set(store: KeyStore, mine: RecoveryKey) -> None:
    """Somebody who can write to the key store puts a public key of their own there."""
    found = recovery_store.current(store, FACILITY)
    assert found is not None
    planted = recovery_sets.new_set(FACILITY, mine.public, clock.now(), Secret(bytes(32)))
    envelopes = [Envelope(each.purpose, each.number, b"anything") for each in store.facility_keys()]
    recovery_store.adopt(store, planted, envelopes)


@pytest.mark.usefixtures("key")
def test_nothing_is_sealed_to_a_planted_public_key(keyring: Keyring) -> None:
    plant_a_set(keyring.store, RecoveryKey.make())
    before = keyring.store.facility_keys()
    with pytest.raises(SealBroken):
        rotation.renew_data_key(keyring, FACILITY, 1)
    assert keyring.store.facility_keys() == before


@pytest.mark.usefixtures("key")
def test_a_proof_fits_its_own_facility_and_public_key_alone(keyring: Keyring) -> None:
    found = recovery_store.current(keyring.store, FACILITY)
    assert found is not None
    tags = making.tag_keys(keyring.store, keyring.provider, FACILITY)
    recovery_sets.check(found, tags)
    for other in (
        replace(found, facility_id=uuid4()),
        replace(found, public=RecoveryKey.make().public),
        replace(found, proof=b""),
    ):
        with pytest.raises(SealBroken):
            recovery_sets.check(other, tags)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM recovery_envelope WHERE purpose = 'index'",
        "UPDATE recovery_envelope SET sealed = zeroblob(81) WHERE purpose = 'tag'",
        """UPDATE recovery_envelope SET sealed = (
            SELECT sealed FROM recovery_envelope o WHERE o.purpose = 'data'
        ) WHERE purpose = 'backup'""",
    ],
)
def test_an_envelope_that_is_missing_or_moved_is_noticed_before_anything_changes(
    keyring: Keyring, key: RecoveryKey, tmp_path: Path, statement: str
) -> None:
    with keyring.store.writing() as connection:
        connection.execute(text(statement))
    before = keyring.store.facility_keys()
    for act in (recovering.try_out, recovering.recover):
        with pytest.raises(SealBroken):
            act(keyring.store, new_provider(tmp_path), FACILITY, key)
    assert keyring.store.facility_keys() == before


@pytest.mark.parametrize("vouched_by", ["nobody", "their own key", "a tag key of theirs"])
@pytest.mark.parametrize("purpose", ["tag", "index", "backup"])
def test_a_key_that_a_writer_of_the_key_store_planted_is_not_recovered(
    keyring: Keyring, key: RecoveryKey, tmp_path: Path, purpose: str, vouched_by: str
) -> None:
    """The envelope is sealed to the right public half, and the commitment is changed to fit it."""
    mine, context = Secret(bytes(range(32))), making.facility_context(FACILITY, purpose, 1)
    sealed = {
        "nobody": key_pair.seal(key.public, mine.reveal(), context),
        "their own key": vouching.seal(key.public, mine, context, RecoveryKey.make()),
        "a tag key of theirs": vouching.seal(key.public, mine, context, mine),
    }[vouched_by]
    with keyring.store.writing() as connection:
        e, f = recovery_envelope, facility_key
        connection.execute(e.update().where(e.c.purpose == purpose).values(sealed=sealed))
        committed = envelope.commitment(mine.reveal(), context)
        connection.execute(f.update().where(f.c.purpose == purpose).values(commitment=committed))
    before = keyring.store.facility_keys()
    with pytest.raises(SealBroken):
        recovering.recover(keyring.store, new_provider(tmp_path), FACILITY, key)
    assert keyring.store.facility_keys() == before


def test_a_writer_cannot_vouch_with_a_tag_key_that_they_planted_beside_it(
    keyring: Keyring, key: RecoveryKey, tmp_path: Path
) -> None:
    """A second tag key vouches for itself and for an index key: no chain leads to the paper."""
    mine = Secret(bytes(range(32)))
    planted = WrappedFacilityKey(FACILITY, "tag", 2, b"anything")
    found = recovery_store.current(keyring.store, FACILITY)
    assert found is not None
    for each in (planted, WrappedFacilityKey(FACILITY, "index", 2, b"anything")):
        sealed = making.seal_for_recovery(key.public, each, mine, by=mine)
        keyring.store.add_facility_key(each, partial(recovery_store.keep, found, sealed))
    with pytest.raises(SealBroken):
        recovering.recover(keyring.store, new_provider(tmp_path), FACILITY, key)


def test_envelopes_that_nobody_vouched_for_count_as_missing(
    keyring: Keyring, key: RecoveryKey
) -> None:
    """Of the first format: the start page of the administrator asks for new shares."""
    context = making.facility_context(FACILITY, "index", 1)
    with keyring.store.writing() as connection:
        old = key_pair.seal(key.public, bytes(32), context)
        e = recovery_envelope
        connection.execute(e.update().where(e.c.purpose == "index").values(sealed=old))
    lacking = recovery_store.without_envelope(keyring.store, FACILITY)
    assert [each.purpose for each in lacking] == ["index"]


@pytest.mark.usefixtures("key")
def test_a_key_made_while_shares_are_issued_is_not_left_out(
    keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rotation between sealing and adopting: the set is sealed once more, with the new key."""
    adopt, rounds = recovery_store.adopt, list[int]()

    def and_a_rotation(*arguments: object) -> None:
        if not rounds:
            rotation.renew_data_key(keyring, FACILITY, 1)
        rounds.append(1)
        adopt(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(recovery_store, "adopt", and_a_rotation)
    newer = RecoveryKey.make()
    recovering.issue(keyring.store, keyring.provider, FACILITY, newer)
    assert len(rounds) == 2
    assert recovery_store.without_envelope(keyring.store, FACILITY) == []
    assert recovering.try_out(keyring.store, keyring.provider, FACILITY, newer) == 5


@pytest.mark.usefixtures("key")
def test_a_key_is_not_sealed_to_a_set_that_was_just_retired(
    keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    check: Callable[..., None] = recovery_sets.check

    def and_new_shares(*arguments: object) -> None:
        check(*arguments)
        monkeypatch.setattr(recovery_sets, "check", check)
        recovering.issue(keyring.store, keyring.provider, FACILITY, RecoveryKey.make())

    monkeypatch.setattr(recovery_sets, "check", and_new_shares)
    with pytest.raises(SharesChanged):
        rotation.renew_data_key(keyring, FACILITY, 1)
    assert {each.number for each in keyring.store.facility_keys()} == {1}
