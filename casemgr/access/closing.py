"""The steps that close a key epoch. Each can be repeated: killed anywhere, the command goes on.

The caller commits after each step; the row of the epoch tells that a closing was begun, and the
key store tells how far it came. The old facility key for data is never wrapped under the new root.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import select

from casemgr import clock
from casemgr.access.actor import Actor
from casemgr.access.epochs import KeyEpoch, epoch_row
from casemgr.access.errors import Conflict
from casemgr.access.key_names import the_keyring
from casemgr.audit import Action, Outcome, record
from casemgr.crypto import making, rotation
from casemgr.crypto.errors import KeyInUse, KeyProviderDown, RootInUse, SealBroken
from casemgr.crypto.key_store import WrappedKey
from casemgr.crypto.keyring import Keyring
from casemgr.db import session

_ELSEWHERE = (
    "Destroy it there, with every copy on paper, and say so: flask keys destroy NAME --by-hand."
)
Step: TypeAlias = Callable[[Actor, int], Iterator[str]]  # tells what it does, line by line


class KeysUnreadable(Exception):
    """Data keys that do not open would be lost with the old facility key: nothing is destroyed."""

    def __init__(self, count: int) -> None:
        super().__init__(f"{count} data keys cannot be opened; nothing was destroyed")
        self.count = count


def begin(actor: Actor) -> int:
    """Say on record that the open epoch is being closed, and under which root it lay. Its number.

    Raises KeyProviderDown. An earlier run that was interrupted is taken up again.
    """
    row = epoch_row(actor)
    if row.old_root is None:
        row.old_root = the_keyring().provider.root_name()
        record(actor, Action.EPOCH_CLOSING, count=row.number)
    return row.number


def renew_root(_actor: Actor, number: int) -> Iterator[str]:
    """A new root, unless an earlier run made it."""
    row, provider = _row(number), the_keyring().provider
    if provider.root_name() == row.old_root:
        provider.renew()
    yield f"Root {row.old_root} is followed by {provider.root_name()}"


def renew_data_keys(_actor: Actor, number: int) -> Iterator[str]:
    """A new facility key for data under the new root, for each facility.

    What counts is the key that wraps now, not that some key of the next epoch was made once: a main
    database restored from before the last close counts epochs that the key store has passed.
    """
    _row(number)
    keyring = the_keyring()
    for facility_id in rotation.facilities(keyring):
        if not _is_renewed(keyring, facility_id, number):
            made = rotation.renew_data_key(keyring, facility_id, number + 1)
            yield f"New facility key data:{made}"


def move_other_keys(_actor: Actor, number: int) -> Iterator[str]:
    """The keys for indexes, tags and backups go under the new root; they stay the same."""
    _row(number)
    rotation.move_to_present_root(the_keyring(), number + 1)
    yield "Facility keys for indexes, tags and backups lie under the new root"


def rewrap_data_keys(_actor: Actor, _number: int) -> Iterator[str]:
    """Every surviving data key under the new facility key. Raises KeysUnreadable."""
    keyring, broken = the_keyring(), 0
    for facility_id in rotation.facilities(keyring):
        last = 0
        for progress in rotation.rewrap(keyring, facility_id):
            last = progress.broken
            yield str(progress)
        broken += last
    if broken:
        raise KeysUnreadable(broken)


def give_up_unreadable(actor: Actor, number: int) -> Iterator[str]:
    """As above, but the data keys that do not open are emptied, so that the epoch can be closed."""
    try:
        yield from rewrap_data_keys(actor, number)
    except KeysUnreadable:
        yield f"Data keys given up: {_give_up(actor)}"


def _give_up(actor: Actor) -> int:
    """Those alone that do not open now: one that does was not wrapped anew yet.

    Raises SealBroken where it is the facility key that does not open: its keys may be sound.
    """
    keyring, given_up = the_keyring(), 0
    for facility_id in rotation.facilities(keyring):
        number = keyring.active_number(facility_id, "data")
        known = {
            key.number
            for key in keyring.store.facility_keys()
            if (key.facility_id, key.purpose) == (facility_id, "data")
        }
        last = None
        while keys := keyring.store.under_older(facility_id, number, last, rotation.BATCH):
            for older in known & {key.facility_key for key in keys}:
                keyring.facility_cipher(facility_id, "data", older)  # else all of them would go
            lost = [key.id for key in keys if not _opens(keyring, key)]
            keyring.store.remove(lost)
            last, given_up = keys[-1].id, given_up + len(lost)
    record(actor, Action.KEYS_REMOVED, outcome=Outcome.FAILED, count=given_up)
    return given_up


def _opens(keyring: Keyring, key: WrappedKey) -> bool:
    try:
        cipher = keyring.facility_cipher(key.facility_id, "data", key.facility_key)
        making.open_data_key(cipher, key)
    except making.NOT_A_KEY:
        return False
    return True


def destroy_data_keys(_actor: Actor, number: int) -> Iterator[str]:
    """The old facility keys for data, which nothing uses any more. Raises KeyInUse."""
    _row(number)
    store = the_keyring().store
    for key in store.facility_keys():
        if key.purpose == "data" and (key.state != "active" or key.epoch <= number):
            store.destroy_facility_key(key.facility_id, "data", key.number)
            yield f"Facility key data:{key.number} destroyed"
    the_keyring().refresh()


def destroy_root(actor: Actor, number: int) -> Iterator[str]:
    """The old root at the provider, and with it the epoch: the next one is open."""
    row = _row(number)
    yield note_destruction(row)
    row.closed_at = clock.now()
    session.add(KeyEpoch(facility_id=actor.facility_id, number=number + 1, opened_at=row.closed_at))
    record(actor, Action.EPOCH_CLOSED, count=number)
    yield f"Epoch {number} is closed, epoch {number + 1} is open"


def steps(*, give_up: bool = False) -> tuple[Step, ...]:
    """All of them, in their order; the caller commits after each."""
    survivors = give_up_unreadable if give_up else rewrap_data_keys
    return (
        renew_root,
        renew_data_keys,
        move_other_keys,
        survivors,
        destroy_data_keys,
        destroy_root,
    )


def note_destruction(row: KeyEpoch) -> str:
    """Have the provider destroy this epoch's old root, note how final that is, and say so.

    A root of another provider stays outstanding: nobody here can ask for its end. Raises KeyInUse while
    a facility key lies under any root but the present one.
    """
    provider = the_keyring().provider
    used = {provider.root_of(key.wrapped) for key in the_keyring().store.facility_keys()}
    if used - {provider.root_name()}:
        raise KeyInUse
    try:
        ended = provider.destroy(row.old_root or "")
    except SealBroken:
        return f"Root {row.old_root}: not of the present provider. {_ELSEWHERE}"
    if ended.is_final or ended.final_at:
        row.root_destroyed_at = row.root_destroyed_at or clock.now()
        row.root_final_at = ended.final_at or row.root_final_at or clock.now()
    how = "destroyed" if ended.is_final else "not destroyed yet"
    until = f", final on {ended.final_at:%Y-%m-%d}" if ended.final_at else ""
    return f"Root {ended.name}: {how}{until}. {ended.advice}"


def is_gone_still(actor: Actor, number: int) -> bool:
    """Ask the provider once more for the end of an epoch's old root, before anything is called final.

    A deletion that was called off is begun again, and counts from its new day. Of a root of another
    provider stands what was said or confirmed by hand. False also while the provider is down.
    """
    row = session.scalar(select(KeyEpoch).where(KeyEpoch.number == number))
    if row is None or row.root_final_at is None:
        return False
    try:
        ended = the_keyring().provider.destroy(row.old_root or "")
    except SealBroken:
        return True
    except (KeyProviderDown, RootInUse):
        return False
    if ended.is_final:
        return True
    if ended.final_at is None or ended.final_at > clock.now():
        row.root_final_at = ended.final_at
        record(
            actor, Action.KEY_DESTROYED, subject_kind=(row.old_root or "")[:40], subject_id=row.id
        )
    return row.root_final_at is not None and row.root_final_at <= clock.now()


def _is_renewed(keyring: Keyring, facility_id: UUID, closing: int) -> bool:
    """Whether the facility key that wraps now is younger than this epoch, under the present root."""
    present = keyring.provider.root_name()
    return any(
        key.epoch > closing and keyring.provider.root_of(key.wrapped) == present
        for key in keyring.store.facility_keys()
        if (key.facility_id, key.purpose, key.state) == (facility_id, "data", "active")
    )


def _row(number: int) -> KeyEpoch:
    """The row of the epoch that is being closed, locked. Raises Conflict when another run did."""
    row = session.scalar(
        select(KeyEpoch)
        .where(KeyEpoch.number == number, KeyEpoch.closed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise Conflict(number)
    return row
