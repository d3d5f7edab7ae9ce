"""Opening compartments: the decision is made, the entry written, only then are keys unwrapped."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from casemgr.access.actor import Actor
from casemgr.access.compartments import Compartment, Purpose
from casemgr.access.key_names import make_key, many_named, named, the_keyring
from casemgr.access.removal import newest_removed
from casemgr.audit import Action, record
from casemgr.audit.trail import entries_written, forget_entries_after
from casemgr.crypto import connections
from casemgr.crypto.errors import KeyMissing
from casemgr.crypto.open_keys import OpenKeys
from casemgr.crypto.sealed import OPEN_KEYS
from casemgr.db import session


def open_keys(
    actor: Actor,
    owner_id: UUID,
    compartments: Iterable[Compartment],
    *,
    purpose: Purpose,
    case_id: UUID | None = None,
    action: Action = Action.COMPARTMENT_OPENED,
) -> None:
    """Open compartments of one owner for reading and writing, with an entry in the same breath.

    The caller has decided that ``actor`` may (I1). A key that is missing is made when the first
    value is sealed. Raises SealBroken, KeyProviderDown.
    """
    parts = sorted(set(compartments))
    record(
        actor,
        action,
        case_id=case_id,
        subject_id=owner_id if owner_id != case_id else None,
        compartments=parts,
        purpose=purpose,
    )
    open_many(actor, [owner_id], parts)


def open_many(
    actor: Actor, owners: Collection[UUID], compartments: Collection[Compartment]
) -> None:
    """Open the same compartments of many owners with one statement per database, for a list.

    The caller records the one entry of the list page (I1). A key counts only for the owner and
    compartment that it was made for: somebody who can write to ``key_name`` opens nothing more.
    One that cannot be unwrapped is left out: its values then show as unreadable.
    """
    keys = _keys()
    for owner_id in owners:
        for part in compartments:
            keys.admit(owner_id, part)
    names = many_named(actor.facility_id, owners, compartments)
    if names:
        the_keyring().open_into(keys, actor.facility_id, names)


def _make_key(facility_id: UUID, owner_id: UUID, compartment: str) -> None:
    """The first key of an opened compartment, made when its first value is sealed.

    Raises KeyMissing where a key is named but gone: never a second one in its place. After an
    erasure none is named; the next one counts on, so that nothing old ever fits it.
    """
    if named(facility_id, [owner_id], [Compartment(compartment)]):
        raise KeyMissing
    generation = 1 + newest_removed(owner_id, compartment)
    _keys().add(make_key(facility_id, owner_id, compartment, generation))


connections.connect_key_maker(_make_key)


def close_keys() -> None:
    """Forget every opened key of this session."""
    _keys().close()


def _keys() -> OpenKeys:
    keys: OpenKeys = session.info[OPEN_KEYS]
    return keys


@contextmanager
def undone_on_failure() -> Iterator[None]:
    """Close what was opened inside when it fails: its entries and key names are rolled back."""
    keys, written = _keys(), entries_written()
    before = keys.copy()
    try:
        yield
    except BaseException:
        session.info[OPEN_KEYS] = before
        keys.close()
        forget_entries_after(written)
        raise


@contextmanager
def apart() -> Iterator[None]:
    """Open keys for a system actor in a ring of their own: the person's session gains none."""
    mine = _keys()
    mine.recall()
    session.info[OPEN_KEYS] = OpenKeys()
    try:
        yield
    finally:
        session.info[OPEN_KEYS].close()
        session.info[OPEN_KEYS] = mine
