"""The steps that close a key epoch. Each can be repeated: killed anywhere, the command goes on.

The caller commits after each step; the row of the epoch tells that a closing was begun, and the
key store tells how far it came. The old facility key for data is never wrapped under the new root.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from sqlalchemy import select

from casemgr import clock
from casemgr.access.actor import Actor
from casemgr.access.epochs import KeyEpoch, epoch_row
from casemgr.access.errors import Conflict
from casemgr.access.key_names import the_keyring
from casemgr.audit import Action, Outcome, record
from casemgr.crypto import rotation
from casemgr.db import session

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
    """A new facility key for data under the new root, for each facility."""
    _row(number)
    keyring = the_keyring()
    for facility_id in rotation.facilities(keyring):
        if number + 1 not in keyring.store.epochs_of(facility_id, "data").values():
            made = rotation.renew_data_key(keyring, facility_id, number + 1)
            yield f"New facility key data:{made}"


def move_other_keys(_actor: Actor, number: int) -> Iterator[str]:
    """The keys for indexes, tags and backups go under the new root; they stay the same."""
    _row(number)
    rotation.move_to_present_root(the_keyring(), number + 1)
    yield "Facility keys for indexes, tags and backups lie under the new root"


def rewrap_data_keys(_actor: Actor, _number: int) -> Iterator[str]:
    """Every surviving data key under the new facility key. Raises KeysUnreadable."""
    keyring = the_keyring()
    for facility_id in rotation.facilities(keyring):
        broken = 0
        for progress in rotation.rewrap(keyring, facility_id):
            broken = progress.broken
            yield str(progress)
        if broken:
            raise KeysUnreadable(broken)


def give_up_unreadable(actor: Actor, number: int) -> Iterator[str]:
    """As above, but the data keys that do not open are emptied, so that the epoch can be closed."""
    try:
        yield from rewrap_data_keys(actor, number)
    except KeysUnreadable:
        yield f"Data keys given up: {_give_up(actor)}"


def _give_up(actor: Actor) -> int:
    """Raises SealBroken where it is the facility key that does not open: its keys may be sound."""
    keyring, given_up = the_keyring(), 0
    for facility_id in rotation.facilities(keyring):
        number = keyring.active_number(facility_id, "data")
        known = {key.number for key in keyring.store.facility_keys() if key.purpose == "data"}
        while keys := keyring.store.under_older(facility_id, number, None, rotation.BATCH):
            for older in known & {key.facility_key for key in keys}:
                keyring.facility_cipher(facility_id, "data", older)  # else all of them would go
            keyring.store.remove([key.id for key in keys])
            given_up += len(keys)
    record(actor, Action.KEYS_REMOVED, outcome=Outcome.FAILED, count=given_up)
    return given_up


def destroy_data_keys(_actor: Actor, number: int) -> Iterator[str]:
    """The old facility keys for data, which nothing uses any more."""
    _row(number)
    store = the_keyring().store
    for key in store.facility_keys():
        if key.purpose == "data" and key.epoch <= number:
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
    """Have the provider destroy this epoch's old root, note how final that is, and say so."""
    ended = the_keyring().provider.destroy(row.old_root or "")
    if ended.is_final or ended.final_at:
        row.root_destroyed_at = row.root_destroyed_at or clock.now()
        row.root_final_at = ended.final_at or row.root_final_at or clock.now()
    how = "destroyed" if ended.is_final else "not destroyed yet"
    until = f", final on {ended.final_at:%Y-%m-%d}" if ended.final_at else ""
    return f"Root {ended.name}: {how}{until}. {ended.advice}"


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
