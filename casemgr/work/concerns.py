"""What the administrator must see to about the keys and the recovery shares.

It comes from the log, which is only ever added to: when shares were last issued, when they were
last tried, when an epoch was closed after that; and from what the key store holds now.
"""

from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from casemgr import clock
from casemgr.access import Actor, Permission
from casemgr.access.key_names import the_keyring
from casemgr.audit import Action, AuditEntry, Outcome
from casemgr.crypto.recovery import recovery_store
from casemgr.db import session
from casemgr.work.ceremonies import named
from casemgr.work.rules import is_drill_due


class Concern(StrEnum):
    """What the administrator has to see to."""

    NO_SHARES = "no_shares"
    OTHER_SET = "other_set"  # the key store holds another set than was last issued
    NOT_ALL_SEALED = "not_all_sealed"  # a facility key lies in no envelope
    NO_DRILL = "no_drill"
    DRILL_DUE = "drill_due"
    EPOCH_CLOSED = "epoch_closed"  # since the shares were issued
    KEY_STORE_AWAY = "key_store_away"
    KEYS_BROKEN = "keys_broken"  # when they were last tried
    PROVIDER_AWAY = "provider_away"  # what guards the keys does not answer, or must not be used


def concerns(actor: Actor) -> list[Concern]:
    """What is wrong with keys and recovery shares, the gravest first. Empty when all is well."""
    actor.require(Permission.KEYS_WATCH)
    return _of_the_keys(actor) + _of_the_shares(actor)


def _of_the_keys(actor: Actor) -> list[Concern]:
    tried = _last(actor, Action.KEYS_VERIFIED, Outcome.DONE, Outcome.FAILED)
    is_broken = tried is not None and tried.outcome is Outcome.FAILED
    found = [Concern.KEYS_BROKEN] if is_broken else []
    if the_keyring().provider_trouble():
        found.append(Concern.PROVIDER_AWAY)
    return found


def _of_the_shares(actor: Actor) -> list[Concern]:
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
        current = recovery_store.current(store, actor.facility_id)
        if current is None or named(current.set_id) != issued.subject_kind:
            return [Concern.OTHER_SET]
        if recovery_store.without_envelope(store, actor.facility_id):
            return [Concern.NOT_ALL_SEALED]
    except SQLAlchemyError:  # the rest of the page does not need it
        return [Concern.KEY_STORE_AWAY]
    return []


def _last(actor: Actor, action: Action, *outcomes: Outcome) -> AuditEntry | None:
    query = select(AuditEntry).where(
        AuditEntry.facility_id == actor.facility_id,
        AuditEntry.action == action,
        AuditEntry.outcome.in_(outcomes or (Outcome.DONE,)),
    )
    return session.scalars(query.order_by(AuditEntry.at.desc()).limit(1)).first()
