"""Destroying an old facility key or an old root that nothing needs any more, by its public name."""

from sqlalchemy import select

from casemgr.access.actor import Actor
from casemgr.access.closing import note_destruction
from casemgr.access.epochs import KeyEpoch
from casemgr.access.key_names import the_keyring
from casemgr.access.key_state import needless_keys, needless_roots
from casemgr.audit import Action, record
from casemgr.db import session

_PREFIX = "data:"


class StillNeeded(Exception):
    """This name stands for nothing that can be destroyed."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not an old key that nothing needs any more")


def needless(actor: Actor) -> list[str]:
    """The names of what could be destroyed now."""
    return [f"{_PREFIX}{n}" for n in needless_keys(actor.facility_id)] + needless_roots()


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
    row = session.scalars(select(KeyEpoch).where(KeyEpoch.old_root == name)).one()
    return note_destruction(row)
