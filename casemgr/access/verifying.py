"""Trying every key: each facility key at the provider, and one data key under each that wraps.

Run by command, and by every process when it starts. A provider that is down stops nothing that
works: it is said, and tried again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from casemgr.access.actor import Actor
from casemgr.access.key_names import the_keyring
from casemgr.access.removal import BATCH, KeyRemoval
from casemgr.audit import Action, Outcome, record
from casemgr.crypto import making
from casemgr.crypto.facility_keys import WrappedFacilityKey
from casemgr.crypto.keyring import Keyring
from casemgr.db import session


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was tried and what did not open, by public names such as ``data:2``."""

    tried: int
    broken: tuple[str, ...]
    came_back: int  # removed keys that an older copy of the key store had brought back

    @property
    def is_sound(self) -> bool:
        """Whether every key opened."""
        return not self.broken


def verify(actor: Actor) -> Verdict:
    """Try one canary per key, on record. Raises KeyProviderDown. The caller commits.

    Makes what a facility of an older release lacks, and removes again what a restored copy of the
    key store brought back.
    """
    keyring = the_keyring()
    keyring.found_facility(actor.facility_id)
    keys = keyring.store.facility_keys()
    broken = tuple(name for key in keys for name in _faults(keyring, key))
    came_back = _remove_again(keyring)
    verdict = Verdict(len(keys), broken, came_back)
    outcome = Outcome.DONE if verdict.is_sound else Outcome.FAILED
    record(actor, Action.KEYS_VERIFIED, outcome=outcome, count=verdict.tried)
    if came_back:
        record(actor, Action.KEYS_REMOVED, count=came_back)
    return verdict


def _faults(keyring: Keyring, key: WrappedFacilityKey) -> Iterator[str]:
    name = f"{key.purpose}:{key.number}"
    try:
        secret = making.open_facility_key(keyring.provider, key)
    except making.NOT_A_KEY:
        yield name
        return
    canary = keyring.store.sample(key.facility_id, key.number) if key.purpose == "data" else None
    if canary is not None:
        try:
            making.open_data_key(AESGCM(secret.reveal()), canary)
        except making.NOT_A_KEY:
            yield f"a data key under {name}"


def _remove_again(keyring: Keyring) -> int:
    """Removed keys that are in the key store once more: gone again. How many."""
    removed = session.scalars(
        select(KeyRemoval.key_id).where(KeyRemoval.confirmed_at.is_not(None))
    ).all()
    found = 0
    for start in range(0, len(removed), BATCH):
        back = [key.id for key in keyring.store.fetch(removed[start : start + BATCH])]
        if back:
            keyring.store.remove(back)
            found += len(back)
    return found
