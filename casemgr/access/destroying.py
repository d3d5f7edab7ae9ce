"""Destroying an old facility key or an old root that nothing needs any more, by its public name."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access.actor import Actor
from casemgr.access.closing import note_destruction
from casemgr.access.epochs import KeyEpoch
from casemgr.access.key_names import the_keyring
from casemgr.audit import Action, record
from casemgr.db import session

_PREFIX = "data:"


class StillNeeded(Exception):
    """This name stands for nothing that can be destroyed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"key {name} is not an old key that nothing needs any more")


def needless(actor: Actor) -> list[str]:
    """The names of what could be destroyed now."""
    return [f"{_PREFIX}{n}" for n in _facility_keys(actor.facility_id)] + _roots()


def require_needless(actor: Actor, name: str) -> None:
    """Raise StillNeeded unless this can be destroyed without losing anything."""
    if name not in needless(actor):
        raise StillNeeded(name)


def announce(actor: Actor, name: str) -> None:
    """Say on record what is destroyed; committed before it is."""
    record(actor, Action.KEY_DESTROYED, subject_kind=name[:40])


def destroy(actor: Actor, name: str) -> str:
    """Destroy it, and say how final that is. Repeatable. The caller commits."""
    if name.startswith(_PREFIX):
        number = int(name.removeprefix(_PREFIX))
        the_keyring().store.destroy_facility_key(actor.facility_id, "data", number)
        the_keyring().refresh()
        return f"{name} is destroyed."
    told = []
    for row in _epochs_under(name):
        told.append(note_destruction(row))
        record(actor, Action.KEY_DESTROYED, subject_kind=name[:40], subject_id=row.id)
    return "\n".join(told)


def confirm_by_hand(actor: Actor, name: str) -> None:
    """Somebody destroyed the root where we cannot ask: at another provider, on paper. The caller commits."""
    record(actor, Action.ROOT_CONFIRMED, subject_kind=name[:40])
    for row in _epochs_under(name):
        row.root_destroyed_at = row.root_destroyed_at or clock.now()
        row.root_final_at = clock.now()


def _epochs_under(name: str) -> Sequence[KeyEpoch]:
    """Two epochs may have lain under roots of one name: a new file of keys counts from 1 again."""
    query = select(KeyEpoch).where(KeyEpoch.old_root == name, KeyEpoch.closed_at.is_not(None))
    return session.scalars(query.where(KeyEpoch.root_final_at.is_(None))).all()


def _facility_keys(facility_id: UUID) -> list[int]:
    """Numbers of old facility keys for data that nothing lies under any more."""
    store = the_keyring().store
    used = {
        number
        for facility, number, state, _ in store.census()
        if facility == facility_id and state != "removed"
    }
    return [
        key.number
        for key in store.facility_keys()
        if (key.facility_id, key.purpose, key.state) == (facility_id, "data", "decrypt-only")
        and key.number not in used
    ]


def _roots() -> list[str]:
    """Old roots of closed epochs that nothing lies under and that are not destroyed for good."""
    keyring = the_keyring()
    used = {keyring.provider.root_of(key.wrapped) for key in keyring.store.facility_keys()}
    query = select(KeyEpoch.old_root).where(
        KeyEpoch.closed_at.is_not(None), KeyEpoch.root_final_at.is_(None)
    )
    return [root for root in dict.fromkeys(session.scalars(query)) if root and root not in used]
