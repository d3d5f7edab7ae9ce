"""After a restore: what was removed goes again, and the keys that are named are counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select

from casemgr.access.actor import Actor
from casemgr.access.key_names import KeyName, the_keyring
from casemgr.access.removal import KeyRemoval
from casemgr.audit import Action, record
from casemgr.db import session

_BATCH = 1000


@dataclass(slots=True)
class NamedKeys:
    """How many keys the main database names, and what the key store has of them."""

    present: int = 0
    removed: int = 0  # a tombstone lies in their place: erased since
    missing: int = 0

    @property
    def named(self) -> int:
        """All of them."""
        return self.present + self.removed + self.missing


def remove_again(actor: Actor) -> int:
    """Remove keys that an older copy of the key store brought back. Returns how many there were.

    What the main database says is removed stays removed. Repeatable; the caller commits.
    """
    store, found = the_keyring().store, 0
    for ids in _batches(select(KeyRemoval.key_id)):
        back = [key.id for key in store.fetch(ids)]
        store.remove(back)
        found += len(back)
    if found:
        record(actor, Action.KEYS_REMOVED, count=found)
    return found


def count_named() -> NamedKeys:
    """Which of the keys that the main database names are in the key store."""
    store, counted = the_keyring().store, NamedKeys()
    for ids in _batches(select(KeyName.id)):
        present, removed = len(store.fetch(ids)), len(store.removed(ids))
        counted.present += present
        counted.removed += removed
        counted.missing += len(ids) - present - removed
    return counted


def _batches(query: Select[UUID]) -> Iterator[list[UUID]]:
    ids = list(session.scalars(query))
    for at in range(0, len(ids), _BATCH):
        yield ids[at : at + _BATCH]
