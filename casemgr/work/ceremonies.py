"""Ceremonies with recovery shares: on record and announced before the first share is asked for."""

from typing import Final
from uuid import UUID

from casemgr import clock
from casemgr.access import Actor
from casemgr.access.epochs import note_shares_issued
from casemgr.audit import Action, Outcome, record
from casemgr.work import announcements
from casemgr.work.rules import Ceremony

ACTS: Final = {
    Ceremony.SPLIT: Action.SHARES_ISSUED,
    Ceremony.DRILL: Action.RECOVERY_DRILLED,
    Ceremony.RECOVER: Action.KEYS_RECOVERED,
}


def begin(actor: Actor, kind: Ceremony) -> UUID:
    """Announce a ceremony and put it on record; commit before a share is shown or asked for."""
    announcement = announcements.announce(actor, kind)
    record(
        actor,
        Action.RECOVERY_BEGUN,
        subject_kind=f"ceremony:{kind}",
        subject_id=announcement.id,
    )
    return announcement.id


def end(actor: Actor, announcement_id: UUID, kind: Ceremony, set_id: str) -> None:
    """Say that it came to its end with the shares of this set."""
    announcements.settle(announcement_id, succeeded=True)
    if kind is Ceremony.SPLIT:
        note_shares_issued(actor, clock.now(), set_id)
    else:
        record(actor, ACTS[kind], subject_kind=named(set_id), subject_id=announcement_id)


def fail(actor: Actor, announcement_id: UUID, kind: Ceremony) -> None:
    """Say that it did not come to its end: wrong shares, too few, broken off."""
    announcements.settle(announcement_id, succeeded=False)
    record(actor, ACTS[kind], outcome=Outcome.FAILED, subject_id=announcement_id)


def named(set_id: str) -> str:
    """How the log names a set of shares."""
    return f"set:{set_id}"
