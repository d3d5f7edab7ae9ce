"""`flask keys rotate`: on record before and after; an unfinished rotation is taken up again."""

from collections.abc import Generator, Iterator
from uuid import UUID

from casemgr.access.actor import Actor
from casemgr.access.closing import KeysUnreadable
from casemgr.access.epochs import current_epoch
from casemgr.access.key_names import the_keyring
from casemgr.access.key_state import is_closing
from casemgr.audit import Action, Outcome, record
from casemgr.crypto import rotation
from casemgr.crypto.errors import KeyInUse
from casemgr.crypto.keyring import Keyring
from casemgr.crypto.rotation import Progress


def announce(actor: Actor) -> int:
    """Say on record that a rotation begins or goes on; committed before anything changes.

    Returns the open epoch, so that no transaction here holds people up while keys are wrapped.

    Raises KeyInUse while an epoch is being closed, which rotates by itself.
    """
    if is_closing():
        raise KeyInUse
    record(actor, Action.KEY_ROTATION_BEGUN)
    return current_epoch()


def rotate(actor: Actor, epoch: int) -> Iterator[str]:
    """A new facility key for data, and every data key under it; the old key only opens.

    Raises KeyProviderDown, and KeysUnreadable at the end for data keys that stay as they are.
    """
    keyring, total = the_keyring(), Progress(0, 0, 0)
    for facility_id in rotation.facilities(keyring):
        moved = yield from _rewrap(keyring, facility_id)
        if not moved.done:  # nothing was left over from a run that was interrupted
            number = rotation.renew_data_key(keyring, facility_id, epoch)
            yield f"New facility key data:{number}"
            moved = yield from _rewrap(keyring, facility_id)
        total = Progress(total.done + moved.done, 0, total.broken + moved.broken)
    outcome = Outcome.FAILED if total.broken else Outcome.DONE
    record(actor, Action.KEYS_ROTATED, outcome=outcome, count=total.done)
    if total.broken:
        raise KeysUnreadable(total.broken)
    yield f"Rotated: {total.done:,} data keys. The old facility key can be destroyed."


def _rewrap(keyring: Keyring, facility_id: UUID) -> Generator[str, None, Progress]:
    last = Progress(0, 0, 0)
    for last in rotation.rewrap(keyring, facility_id):
        yield str(last)
    return last
