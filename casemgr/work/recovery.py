"""Ceremonies with recovery shares: on record and announced before the first share is asked for.

What the administrator is warned of comes from the log, which is only ever added to: when shares
were last issued, when they were last tried, when an epoch was closed after that.
"""

from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from casemgr import clock
from casemgr.access import Actor, Permission
from casemgr.access.epochs import note_shares_issued
from casemgr.access.key_names import the_keyring
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.crypto import recovery_sets
from casemgr.db import session
from casemgr.work import announcements
from casemgr.work.rules import Ceremony, is_drill_due

ACTS: Final = {
    Ceremony.SPLIT: Action.SHARES_ISSUED,
    Ceremony.DRILL: Action.RECOVERY_DRILLED,
    Ceremony.RECOVER: Action.KEYS_RECOVERED,
}


class Concern(StrEnum):
    """What the administrator has to see to."""

    NO_SHARES = "no_shares"
    OTHER_SET = "other_set"  # the key store holds another set than was last issued
    NOT_ALL_SEALED = "not_all_sealed"  # a facility key lies in no envelope
    NO_DRILL = "no_drill"
    DRILL_DUE = "drill_due"
    EPOCH_CLOSED = "epoch_closed"  # since the shares were issued
    KEY_STORE_AWAY = "key_store_away"


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
        record(actor, ACTS[kind], subject_kind=_subject(set_id), subject_id=announcement_id)


def fail(actor: Actor, announcement_id: UUID, kind: Ceremony) -> None:
    """Say that it did not come to its end: wrong shares, too few, broken off."""
    announcements.settle(announcement_id, succeeded=False)
    record(actor, ACTS[kind], outcome=Outcome.FAILED, subject_id=announcement_id)


def concerns(actor: Actor) -> list[Concern]:
    """What is wrong with the recovery shares, the gravest first. Empty when all is well."""
    actor.require(Permission.KEYS_WATCH)
    issued = _last(actor, Action.SHARES_ISSUED)
    if issued is None:
        return [Concern.NO_SHARES]
    found = _of_the_key_store(actor, issued)
    closed = _last(actor, Action.EPOCH_CLOSED)
    if closed is not None and closed.at > issued.at:
        found.append(Concern.EPOCH_CLOSED)
    drilled = _last(actor, Action.RECOVERY_DRILLED)
    if drilled is None or drilled.subject_kind != issued.subject_kind:
        found.append(Concern.NO_DRILL)
    elif is_drill_due(drilled.at, clock.now()):
        found.append(Concern.DRILL_DUE)
    return found


def _of_the_key_store(actor: Actor, issued: AuditEntry) -> list[Concern]:
    store = the_keyring().store
    try:
        current = recovery_sets.current(store, actor.facility_id)
        if current is None or _subject(current.set_id) != issued.subject_kind:
            return [Concern.OTHER_SET]
        if recovery_sets.without_envelope(store, actor.facility_id):
            return [Concern.NOT_ALL_SEALED]
    except SQLAlchemyError:  # the rest of the page does not need it
        return [Concern.KEY_STORE_AWAY]
    return []


def _last(actor: Actor, action: Action) -> AuditEntry | None:
    query = select(AuditEntry).where(
        AuditEntry.facility_id == actor.facility_id,
        AuditEntry.action == action,
        AuditEntry.outcome == Outcome.DONE,
    )
    return session.scalars(query.order_by(AuditEntry.at.desc()).limit(1)).first()


def _subject(set_id: str) -> str:
    return f"set:{set_id}"
