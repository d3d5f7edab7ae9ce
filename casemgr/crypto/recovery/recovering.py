"""What three shares are for: a set is issued, tried in a drill, or used to recover the keys."""

import hmac
from uuid import UUID

from casemgr import clock
from casemgr.crypto import making
from casemgr.crypto.errors import KeyMissing, KeyProviderDown, SealBroken, SharesChanged
from casemgr.crypto.facility_keys import WrappedFacilityKey
from casemgr.crypto.key_store import KeyStore
from casemgr.crypto.providers import KeyProvider
from casemgr.crypto.recovery import recovery_sets, recovery_store, vouching
from casemgr.crypto.recovery.key_pair import RecoveryKey
from casemgr.crypto.recovery.recovery_sets import RecoverySet
from casemgr.crypto.secret import Secret


def issue(
    store: KeyStore, provider: KeyProvider, facility_id: UUID, key: RecoveryKey
) -> RecoverySet:
    """Seal every facility key to a new set, which thereby replaces the older one.

    Raises KeyMissing before the facility is founded, KeyProviderDown, SharesChanged.
    """
    try:
        return _issue(store, provider, facility_id, key)
    except SharesChanged:  # a rotation made a facility key at this moment
        return _issue(store, provider, facility_id, key)


def try_out(store: KeyStore, provider: KeyProvider, facility_id: UUID, key: RecoveryKey) -> int:
    """Open every envelope and compare it with the key that is at work; changes nothing.

    Returns how many facility keys the shares open. Raises SealBroken where one differs or has no
    envelope, KeyProviderDown.
    """
    opened = _from_envelopes(store, facility_id, key)
    for each, secret in opened:
        at_work = making.open_facility_key(provider, each)
        if not hmac.compare_digest(at_work.reveal(), secret.reveal()):
            raise SealBroken
    return len(opened)


def recover(store: KeyStore, provider: KeyProvider, facility_id: UUID, key: RecoveryKey) -> int:
    """Take every facility key out of its envelope and wrap it under the provider's present root.

    A provider without any root gets its first. Returns how many keys were recovered. Repeatable:
    killed half-way, the next run does all of it again. Raises KeyProviderDown; SealBroken where
    an envelope is missing or not of the key that it should be, and then nothing was changed.
    """
    opened = _from_envelopes(store, facility_id, key)
    _require_root(provider)
    for each, secret in opened:
        store.replace_root(each, making.wrap_facility_key(provider, each, secret, each.epoch))
    store.truncate_log()
    return len(opened)


def _issue(
    store: KeyStore, provider: KeyProvider, facility_id: UUID, key: RecoveryKey
) -> RecoverySet:
    envelopes, tag = [], None
    for each in _keys_of(store, facility_id):
        secret = making.open_facility_key(provider, each)
        envelopes.append(making.seal_for_recovery(key.public, each, secret, by=key))
        if each.purpose == "tag" and each.state == "active":
            tag = secret
    if tag is None:
        raise KeyMissing
    made = recovery_sets.new_set(facility_id, key.public, clock.now(), tag)
    recovery_store.adopt(store, made, envelopes)
    return made


def _keys_of(store: KeyStore, facility_id: UUID) -> list[WrappedFacilityKey]:
    keys = [key for key in store.facility_keys() if key.facility_id == facility_id]
    if not keys:
        raise KeyMissing
    return keys


def _from_envelopes(
    store: KeyStore, facility_id: UUID, key: RecoveryKey
) -> list[tuple[WrappedFacilityKey, Secret]]:
    sealed, opened = recovery_store.envelopes(store, facility_id), []
    for each in _keys_of(store, facility_id):
        context = making.facility_context(facility_id, each.purpose, each.number)
        found = sealed.get((each.purpose, each.number), b"")
        vouched = vouching.open_sealed(key, found, each.purpose, context)
        making.check_facility_key(each, vouched.secret)
        opened.append((each, vouched))
    vouching.require_all(key, [vouched for _, vouched in opened])
    return [(each, vouched.secret) for each, vouched in opened]


def _require_root(provider: KeyProvider) -> None:
    try:
        provider.root_name()
    except KeyProviderDown:
        provider.create()
