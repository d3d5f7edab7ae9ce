"""How the keys stand: what `flask keys status` tells."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from casemgr.access.actor import Actor
from casemgr.access.epochs import KeyEpoch, Outstanding, current_epoch, what_is_outstanding
from casemgr.access.key_names import the_keyring
from casemgr.access.removal import KeyRemoval
from casemgr.audit import Action, AuditEntry, Outcome, record
from casemgr.crypto.errors import KeyProviderDown
from casemgr.crypto.facility_keys import FacilityKeyFacts
from casemgr.db import session


@dataclass(frozen=True, slots=True)
class KeyState:
    """Everything that can be said about the keys without opening one."""

    provider: str  # the name of the present root, or why there is none
    provider_answers: bool
    epoch: int
    is_closing: bool
    facility_keys: list[FacilityKeyFacts]
    data_keys: list[tuple[int, str, int]]  # number of the facility key, state, how many
    to_rewrap: int
    above_active: int  # data keys under a facility key newer than the active one: another store's
    verified: tuple[datetime, bool] | None  # when, and whether every key opened
    drilled: tuple[datetime, bool] | None  # the last drill with recovery shares
    to_remove: int  # removals that were decided and not confirmed yet
    outstanding: list[Outstanding]  # of the newest removals


def state_of_keys(actor: Actor) -> KeyState:
    """The state of this facility's keys, on record."""
    keyring = the_keyring()
    try:
        provider, answers = keyring.provider.root_name(), True
    except KeyProviderDown as reason:
        provider, answers = str(reason) or "no answer", False
    facts = [f for f in keyring.store.facility_key_facts() if f.facility_id == actor.facility_id]
    census = [row[1:] for row in keyring.store.census() if row[0] == actor.facility_id]
    active = max((f.number for f in facts if (f.purpose, f.state) == ("data", "active")), default=0)
    removed_in = session.scalar(select(func.max(KeyRemoval.epoch)))
    record(actor, Action.KEYS_SHOWN)
    return KeyState(
        provider=provider,
        provider_answers=answers,
        epoch=current_epoch(),
        is_closing=is_closing(),
        facility_keys=facts,
        data_keys=census,
        to_rewrap=sum(n for number, state, n in census if number < active and state != "removed"),
        above_active=sum(
            n for number, state, n in census if number > active and state != "removed"
        ),
        verified=last(Action.KEYS_VERIFIED),
        drilled=last(Action.RECOVERY_DRILLED),
        to_remove=session.scalar(select(func.count()).where(KeyRemoval.confirmed_at.is_(None)))
        or 0,
        outstanding=what_is_outstanding(removed_in) if removed_in else [],
    )


def is_closing() -> bool:
    """Whether the closing of an epoch was begun and has not come to its end."""
    begun = select(KeyEpoch.id).where(KeyEpoch.old_root.is_not(None), KeyEpoch.closed_at.is_(None))
    return session.scalar(begun) is not None


def last(action: Action) -> tuple[datetime, bool] | None:
    """When something was done last, and whether it went well."""
    newest = select(AuditEntry.at, AuditEntry.outcome).where(AuditEntry.action == action)
    row = session.execute(newest.order_by(AuditEntry.at.desc()).limit(1)).first()
    return (row.at, row.outcome is Outcome.DONE) if row else None
