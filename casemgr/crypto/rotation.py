"""Rotation: a new facility key for data, and every data key wrapped anew under it, online.

Nothing sealed is rewritten. Batches are transactions of their own with compare-and-swap, so it can
be killed at any moment, run twice at once, and go on while people work: a data key made meanwhile
lies under the newest facility key already (KeyStore.add_pending).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from casemgr.crypto import making
from casemgr.crypto.key_store import WrappedKey
from casemgr.crypto.keyring import Keyring

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a re-wrap of one facility has come in this run."""

    done: int
    left: int
    broken: int  # data keys that do not open: they stay as they are

    def __str__(self) -> str:
        broken = f", {self.broken:,} do not open" if self.broken else ""
        return f"Data keys: {self.done:,} wrapped anew, {self.left:,} to go{broken}"


def facilities(keyring: Keyring) -> list[UUID]:
    """Every facility whose keys the store holds."""
    return sorted({key.facility_id for key in keyring.store.facility_keys()})


def renew_data_key(keyring: Keyring, facility_id: UUID, epoch: int) -> int:
    """A new active facility key for data; the old one only opens from now on. Its number."""
    number = 1 + max(keyring.store.epochs_of(facility_id, "data"))
    making.make_facility_key(
        keyring.store, keyring.provider, facility_id, "data", number=number, epoch=epoch
    )
    keyring.refresh()
    return number


def rewrap(keyring: Keyring, facility_id: UUID) -> Iterator[Progress]:
    """Wrap every data key under the active facility key, telling the progress of each batch.

    Goes over the store until a whole pass found nothing to do: what changed under our hands in one
    pass is met again in the next.
    """
    store = keyring.store
    keyring.refresh()
    number = keyring.active_number(facility_id, "data")
    total, done, moved = store.count_under_older(facility_id, number), 0, 1
    while moved:
        last, broken, moved = None, 0, 0
        while keys := store.under_older(facility_id, number, last, BATCH):
            pairs = list(_rewrapped(keyring, number, keys))
            store.replace_wrapping(pairs)
            last, moved, broken = keys[-1].id, moved + len(pairs), broken + len(keys) - len(pairs)
            done += len(pairs)
            yield Progress(done, max(0, total - done), broken)


def move_to_present_root(keyring: Keyring, epoch: int) -> None:
    """Wrap the keys for indexes, tags and backups under the provider's present root.

    Never those for data: a copy of the old one under the new root would outlive the old root.
    """
    present = keyring.provider.root_name()
    for key in keyring.store.facility_keys():
        if key.purpose != "data" and keyring.provider.root_of(key.wrapped) != present:
            secret = making.open_facility_key(keyring.provider, key)
            fresh = making.wrap_facility_key(keyring.provider, key, secret, epoch)
            keyring.store.replace_root(key, fresh)


def _rewrapped(
    keyring: Keyring, number: int, keys: list[WrappedKey]
) -> Iterator[tuple[WrappedKey, WrappedKey]]:
    for key in keys:
        try:
            old = keyring.facility_cipher(key.facility_id, "data", key.facility_key)
            new = keyring.facility_cipher(key.facility_id, "data", number)
            yield key, making.rewrap_data_key(old, new, number, key)
        except making.NOT_A_KEY:
            continue
